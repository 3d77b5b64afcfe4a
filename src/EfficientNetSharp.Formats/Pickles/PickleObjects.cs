namespace EfficientNetSharp.Formats.Pickles;

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

/// <summary>
/// The name of a class or a function that a reader has no meaning for. It is not looked up anywhere; that it was named is all there is.
/// </summary>
internal sealed record PickleName(string Module, string Name)
{
    public override string ToString() => $"{Module}.{Name}";
}

/// <summary>
/// What a pickle would make by a <see cref="PickleName"/>. Nothing is made and nothing run: it keeps what the pickle puts into it.
/// </summary>
internal sealed class PickleObject(PickleName name)
{
    /// <summary>Its class, or the function that would have made it.</summary>
    public PickleName Name { get; } = name;

    /// <summary>Its attributes as they were given; <see langword="null"/> where none were.</summary>
    public object? State { get; set; }

    /// <summary>What was put into it as into a dictionary; <see langword="null"/> where nothing was.</summary>
    public PickleDictionary? Entries { get; set; }

    /// <summary>What was put into it as into a list; <see langword="null"/> where nothing was.</summary>
    public PickleList? Items { get; set; }
}

/// <summary>Bytes that stay where they are in the file; see <see cref="PickleResolver.LeavesArrays"/>.</summary>
/// <param name="Position">Their first in the file.</param>
/// <param name="Length">How many.</param>
/// <param name="IsText">Whether they are a text in UTF-8; see <see cref="PickleResolver.HoldsFiles"/>.</param>
internal sealed record PickleSpan(long Position, long Length, bool IsText = false);
