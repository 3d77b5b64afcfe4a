using EfficientNetSharp.Arrays;

namespace EfficientNetSharp.Weights.Formats.Torch;

/// <summary>A Python dictionary: its pairs in the order they were put in, keys not yet made unique.</summary>
internal sealed class PickleDictionary
{
    public List<KeyValuePair<object?, object?>> Pairs { get; } = [];

    /// <summary>The entries with text keys, in Python's order: a key put in again keeps its place and takes the later value.</summary>
    public List<KeyValuePair<string, object?>> GetTextEntries()
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        var entries = new List<KeyValuePair<string, object?>>();
        foreach (var (key, value) in Pairs)
        {
            if (key is not string text) continue;
            if (places.TryAdd(text, entries.Count))
                entries.Add(KeyValuePair.Create(text, value));
            else
                entries[places[text]] = KeyValuePair.Create(text, value);
        }

        return entries;
    }
}

/// <summary>A Python tuple.</summary>
internal sealed record PickleTuple(object?[] Items);

/// <summary>A Python list or set.</summary>
internal sealed class PickleList
{
    public List<object?> Items { get; } = [];
}

/// <summary>A storage: the run of elements that tensors are views of.</summary>
/// <param name="Key">Its name in the file.</param>
/// <param name="Type">Type of its elements.</param>
/// <param name="Count">Number of elements.</param>
/// <param name="ViewOffset">In the legacy format, the element of the stored run that this one starts at.</param>
internal sealed record TorchStorage(string Key, ElementType Type, long Count, long ViewOffset);

/// <summary>A tensor: a strided view of a storage. Offset and strides count elements.</summary>
internal sealed record TorchTensor(TorchStorage Storage, ElementType Type, long Offset, long[] Size, long[] Stride);
