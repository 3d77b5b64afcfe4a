using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using EfficientNetSharp.Files;
using EfficientNetSharp.Formats;
using EfficientNetSharp.Formats.Pickles;

namespace EfficientNetSharp.Data.Pairs;

/// <summary>
/// insightface's <c>.bin</c>: the pickle of (images, same), where images are whole files of JPEG or PNG, two per pair, and same says for
/// each pair whether both are of one identity. Images stay in the file until they are asked for.
/// </summary>
internal static class PairBin
{
    public static bool IsCalledSo(string path) => path.EndsWith(".bin", StringComparison.OrdinalIgnoreCase);

    public static VerificationPairs Open(string path)
    {
        var file = InputFile.Open(path);
        try
        {
            object? root = Unpickler.Load(new ByteSource(file.OpenStream(), path, DatasetErrors.Kind), new BinResolver());
            var items = ItemsOf(root);
            if (items is not [{ } images, { } labels])
                throw DatasetErrors.Unusable(path, "its pickle is no pair of images and labels", "give a .bin file for verification");
            bool[] same = ReadLabels(path, file, labels);
            object[] encoded = ReadImages(path, images);
            if (encoded.Length != 2 * same.Length)
                throw DatasetErrors.Damaged(path, $"it has {encoded.Length} images and {same.Length} pairs, which are of two images each");
            if (same.Length == 0) throw DatasetErrors.Damaged(path, "it has no pair");
            return Join(path, file, encoded, same);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    // An image that is in several pairs is there several times; it is one image.
    private static VerificationPairs Join(string path, InputFile file, object[] encoded, bool[] same)
    {
        var (first, members) = (new List<int>(), new int[encoded.Length]);
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        // A pickle may refer to one image any number of times; it is read once.
        var known = new Dictionary<object, int>();
        var buffer = new EncodedBuffer();
        for (int i = 0; i < encoded.Length; i++)
        {
            if (known.TryGetValue(encoded[i], out members[i])) continue;
            Read(file, encoded[i], buffer);
            string hash = Convert.ToHexString(SHA256.HashData(buffer.Bytes));
            if (!places.TryGetValue(hash, out members[i]))
            {
                places[hash] = members[i] = first.Count;
                first.Add(i);
            }

            known[encoded[i]] = members[i];
        }

        var warnings = new List<string>();
        string[] names = [.. first.Select(i => FormattableString.Invariant($"{Path.GetFileName(path)}:{i}"))];
        var (labels, classes) = PairIdentities.Of(names, members, same, warnings);
        return new VerificationPairs
        {
            Images = new BinImages(file, [.. first.Select(i => encoded[i])], names, labels, classes),
            Members = [.. members],
            IsSame = [.. same],
            Format = "insightface's .bin",
            Warnings = [.. warnings],
        };
    }

    private static object[] ReadImages(string path, object images)
    {
        var items = ItemsOf(images) ?? throw DatasetErrors.Damaged(path, "its images are no list");
        foreach (object? item in items)
        {
            if (item is not (byte[] or PickleSpan { Length: < int.MaxValue }))
                throw DatasetErrors.Damaged(path, "an image of it is no file of bytes");
        }

        return [.. items.Select(item => item!)];
    }

    private static bool[] ReadLabels(string path, InputFile file, object labels)
    {
        if (labels is NumpyArray { Data: { } data })
        {
            var buffer = new EncodedBuffer();
            Read(file, data, buffer);
            return [.. buffer.Bytes.ToArray().Select(value => Label(path, (long)value))];
        }

        var items = ItemsOf(labels) ?? throw DatasetErrors.Damaged(path, "its labels are no list");
        return [.. items.Select(item => Label(path, item is NumpyArray { Data: byte[] { Length: 1 } scalar } ? (long)scalar[0] : item))];
    }

    private static bool Label(string path, object? label) => label switch
    {
        bool same => same,
        0L => false,
        1L => true,
        _ => throw DatasetErrors.Damaged(path, "a label of it is neither true nor false"),
    };

    private static IReadOnlyList<object?>? ItemsOf(object? value) => value switch
    {
        PickleTuple tuple => tuple.Items,
        PickleList list => list.Items,
        _ => null,
    };

    private static void Read(InputFile file, object encoded, EncodedBuffer buffer)
    {
        switch (encoded)
        {
            case byte[] bytes:
                bytes.CopyTo(buffer.Resize(bytes.Length));
                break;
            case PickleSpan { IsText: false } span:
                file.ReadExactly(span.Position, buffer.Resize(checked((int)span.Length)));
                break;
            case PickleSpan span:
                byte[] text = new byte[checked((int)span.Length)];
                file.ReadExactly(span.Position, text);
                Latin1(Encoding.UTF8.GetString(text), file.Path).CopyTo(buffer.Resize(Encoding.UTF8.GetCharCount(text)));
                break;
        }
    }

    private static byte[] Latin1(string text, string path) => text.AsSpan().ContainsAnyExceptInRange('\0', '\u00ff')
        ? throw DatasetErrors.Damaged(path, "an image of it is a text and no bytes")
        : Encoding.Latin1.GetBytes(text);

    /// <summary>An array or a number of NumPy, of single bytes.</summary>
    private sealed class NumpyArray
    {
        public object? Data { get; set; }
    }

    private sealed record ElementKind(string Name)
    {
        public bool IsByte => Name is "b1" or "?" or "u1" or "i1" or "|b1" or "|u1" or "|i1";
    }

    private enum Known
    {
        Encode,
        Reconstruct,
        Scalar,
        Array,
        Type,
    }

    /// <summary>The names that such files have: NumPy's, and the function by which Python 3 writes bytes for Python 2.</summary>
    private sealed class BinResolver : PickleResolver
    {
        public override bool LeavesArrays => true;

        public override bool HoldsFiles => true;

        public override object Find(ByteSource source, string module, string name) => (module, name) switch
        {
            ("_codecs", "encode") => Known.Encode,
            ("numpy.core.multiarray" or "numpy._core.multiarray", "_reconstruct") => Known.Reconstruct,
            ("numpy.core.multiarray" or "numpy._core.multiarray", "scalar") => Known.Scalar,
            ("numpy", "ndarray") => Known.Array,
            ("numpy", "dtype") => Known.Type,
            _ => throw DatasetErrors.Unusable(
                source.Path,
                $"it asks for {OneLine.Quote($"{module}.{name}")}, which is code and not images, and code in files is never run",
                "fetch the file again from where it comes"),
        };

        public override object Call(ByteSource source, object callable, object?[] arguments) => (callable, arguments) switch
        {
            (Known.Encode, [PickleSpan { IsText: true } span, var name]) when TextOf(name) is "latin1" or "latin-1" => span,
            (Known.Encode, [string text, var name]) when TextOf(name) is "latin1" or "latin-1" => Latin1(text, source.Path),
            (Known.Reconstruct, [Known.Array, ..]) => new NumpyArray(),
            (Known.Type, [var kind, ..]) when TextOf(kind) is { } name => new ElementKind(name),
            (Known.Scalar, [ElementKind { IsByte: true }, byte[] { Length: 1 } value]) => new NumpyArray { Data = value },
            _ => throw source.Damaged("its pickle makes something that is neither bytes nor labels"),
        };

        // Python 2's texts are bytes.
        private static string? TextOf(object? value) => value switch
        {
            string text => text,
            byte[] bytes => Encoding.Latin1.GetString(bytes),
            _ => null,
        };

        public override void SetState(ByteSource source, object? target, object? state)
        {
            switch (target, state)
            {
                // (version, shape, type, Fortran order, bytes)
                case (NumpyArray array, PickleTuple { Items: [_, PickleTuple { Items: [long count] }, ElementKind { IsByte: true }, _,
                    { } data] })
                    when (data is byte[] bytes && bytes.Length == count) || (data is PickleSpan { IsText: false } span
                        && span.Length == count):
                    array.Data = data;
                    return;
                case (ElementKind, PickleTuple):
                    return;
                default:
                    throw source.Damaged("its pickle has an array that is no row of true and false");
            }
        }
    }

    private sealed class BinImages(InputFile file, object[] encoded, string[] names, int[] labels, ImmutableArray<string> classes)
        : IImageDataset
    {
        public int Count => encoded.Length;

        public ImmutableArray<string> Classes => classes;

        public int LabelOf(int index) => labels[Checked(index)];

        public string NameOf(int index) => names[Checked(index)];

        public long SizeOf(int index) => encoded[Checked(index)] switch
        {
            byte[] bytes => bytes.Length,
            PickleSpan span => span.Length,
            _ => -1,
        };

        public void ReadEncoded(int index, EncodedBuffer buffer)
        {
            ArgumentNullException.ThrowIfNull(buffer);
            Read(file, encoded[Checked(index)], buffer);
        }

        private int Checked(int index)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            return index;
        }
    }
}
