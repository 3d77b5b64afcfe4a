using System.Collections.Immutable;
using EfficientNetSharp.Data.Folders;
using EfficientNetSharp.Data.Formats.Shards;
using EfficientNetSharp.Files;
using EfficientNetSharp.Formats;
using EfficientNetSharp.Formats.Pickles;

namespace EfficientNetSharp.Data.Formats;

/// <summary>
/// The pickles of CIFAR's Python version, which Python 2 and NumPy wrote: a dictionary with the pixels as one array of bytes and a
/// list of labels. The pixels stay in the file; only where they begin is taken.
/// </summary>
internal static class CifarPickle
{
    /// <summary>A list of class names.</summary>
    /// <exception cref="InvalidInputException">The file is damaged or has none.</exception>
    public static ImmutableArray<string> ReadNames(string path, string key)
    {
        using var file = InputFile.Open(path);
        return Load(file).TryGetValue(key, out object? value) && value is PickleList names && names.Items.All(name => name is string)
            ? [.. names.Items.Cast<string>()]
            : throw DatasetErrors.Damaged(path, $"it has no list '{key}'");
    }

    /// <summary>The images of a batch.</summary>
    /// <exception cref="InvalidInputException">The file is damaged, or its pixels and labels do not fit each other.</exception>
    public static ShardRecord[] ReadBatch(InputFile file, string key, int imageBytes, int classes)
    {
        var entries = Load(file);
        if (!entries.TryGetValue(key, out object? value) || value is not PickleList labels)
            throw DatasetErrors.Damaged(file.Path, $"it has no list '{key}'");
        if (!entries.TryGetValue("data", out object? data) || data is not ByteArray { Place: { } pixels, Shape: [var count, var width] })
            throw DatasetErrors.Damaged(file.Path, "it has no array of bytes 'data'");
        if (width != imageBytes || count != labels.Items.Count || pixels.Length != count * width)
            throw DatasetErrors.Damaged(file.Path, $"its {labels.Items.Count} labels do not fit its array of {count}×{width} bytes");
        var records = new ShardRecord[count];
        for (int i = 0; i < records.Length; i++)
        {
            long label = labels.Items[i] is long number ? number : throw DatasetErrors.Damaged(file.Path, "a label of it is no number");
            records[i] = new ShardRecord(
                pixels.Position + ((long)i * imageBytes), imageBytes, DatasetFiles.Label(file.Path, label, classes, first: 0));
        }

        return records;
    }

    private static Dictionary<string, object?> Load(InputFile file)
    {
        object? root = Unpickler.Load(new ByteSource(file.OpenStream(), file.Path, DatasetErrors.Kind), new NumpyResolver());
        return root is PickleDictionary dictionary
            ? dictionary.GetTextEntries().ToDictionary(StringComparer.Ordinal)
            : throw DatasetErrors.Damaged(file.Path, "its pickle holds no dictionary");
    }

    /// <summary>An array of NumPy while it is put together: first made, then given its state.</summary>
    private sealed class ByteArray
    {
        public long[] Shape { get; set; } = [];

        public PickleSpan? Place { get; set; }
    }

    /// <summary>A type of elements; only bytes are known.</summary>
    private sealed record ElementKind(string Name);

    private enum NumpyName
    {
        Reconstruct,
        Array,
        Type,
    }

    /// <summary>
    /// The three names in pickles of NumPy arrays: what makes an empty array, and the classes of arrays and of element types.
    /// </summary>
    private sealed class NumpyResolver : PickleResolver
    {
        public override bool LeavesArrays => true;

        public override object Find(ByteSource source, string module, string name) => (module, name) switch
        {
            // NumPy 2 moved the function.
            ("numpy.core.multiarray" or "numpy._core.multiarray", "_reconstruct") => NumpyName.Reconstruct,
            ("numpy", "ndarray") => NumpyName.Array,
            ("numpy", "dtype") => NumpyName.Type,
            _ => throw DatasetErrors.Unusable(
                source.Path,
                $"it asks for {OneLine.Quote($"{module}.{name}")}, which is code and not images, and code in files is never run",
                "fetch the archive again"),
        };

        public override object Call(ByteSource source, object callable, object?[] arguments) => (callable, arguments) switch
        {
            (NumpyName.Reconstruct, [NumpyName.Array, ..]) => new ByteArray(),
            (NumpyName.Type, [string kind, ..]) => new ElementKind(kind),
            _ => throw source.Damaged("its pickle makes an array in another way than NumPy does"),
        };

        public override void SetState(ByteSource source, object? target, object? state)
        {
            switch (target, state)
            {
                // (version, shape, type, Fortran order, bytes)
                case (ByteArray array, PickleTuple { Items: [_, PickleTuple shape, ElementKind { Name: "u1" }, false, PickleSpan place] })
                    when shape.Items.All(length => length is long):
                    array.Shape = [.. shape.Items.Cast<long>()];
                    array.Place = place;
                    return;
                case (ElementKind, PickleTuple):
                    return;
                default:
                    throw source.Damaged("its pickle has an array that is not of bytes, row after row");
            }
        }
    }
}
