using System.Collections.Immutable;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Files;
using EfficientNetSharp.Formats;
using EfficientNetSharp.Formats.Tar;
using EfficientNetSharp.Formats.Zip;
using EfficientNetSharp.Weights.Formats.Hdf5;
using EfficientNetSharp.Weights.Formats.Keras;
using EfficientNetSharp.Weights.Formats.TensorFlow;
using EfficientNetSharp.Weights.Formats.Torch;

namespace EfficientNetSharp.Weights.Formats;

/// <summary>
/// A file of weights that other software wrote, open for reading. Opening reads names and shapes; values are read when asked for
/// and come out as float32 whatever the file stores.
/// </summary>
/// <remarks>
/// The format is told by the contents, not by the file's name. Nothing in a file is ever run: pickles are read by an interpreter
/// that knows tensors and plain data only, and passes over all else. Files are taken to be hostile: damage of any kind is a one-line
/// <see cref="InvalidInputException"/>, and no memory is taken that the file's own length does not justify.
/// </remarks>
public sealed class WeightFile : IDisposable
{
    /// <summary>EfficientNet-L2, the largest, has about 3,000 tensors; a file of more than this is no network's.</summary>
    internal const int MaxTensors = 100_000;

    // Names in published files stay under 200 characters.
    private const int MaxNameLength = 2_000;

    private readonly IDisposable _resource;

    private WeightFile(string path, WeightContents contents, bool preferEma)
    {
        Path = path;
        Format = contents.Format;
        Tensors = contents.Tensors;
        Metadata = contents.Metadata;
        (All, Remarks, PrefersAverage, Epsilon) = (contents.All, contents.Remarks, preferEma, contents.Epsilon);
        _resource = contents.Resource;
    }

    /// <summary>The path as given.</summary>
    public string Path { get; }

    /// <summary>What kind of file it is.</summary>
    public WeightFormat Format { get; }

    /// <summary>
    /// The tensors in the file's own order, no name twice. Safe to read from many threads at once. Of a PyTorch checkpoint they are those of
    /// its state dictionary where it is under one of the usual keys, else all.
    /// </summary>
    public ImmutableArray<SourceTensor> Tensors { get; }

    /// <summary>All that the file has, whatever it lies in: several state dictionaries, an optimizer's tensors.</summary>
    internal ImmutableArray<FiledTensor> All { get; }

    /// <summary>What was not read of the file, a sentence each.</summary>
    internal ImmutableArray<string> Remarks { get; }

    /// <summary>The epsilon of the batch normalisations, where the file holds whole modules, which say it.</summary>
    internal double? Epsilon { get; }

    /// <summary>Whether the moving averages were asked for where the file has both.</summary>
    internal bool PrefersAverage { get; }

    /// <summary>What else the file says in plain texts, such as a checkpoint's epoch; empty where it says nothing.</summary>
    public ImmutableDictionary<string, string> Metadata { get; }

    /// <summary>Opens a file.</summary>
    /// <param name="path">
    /// The file. A TensorFlow checkpoint may be named by its <c>.index</c> file, a data file, their common prefix, the folder it
    /// is alone in, that folder's <c>checkpoint</c> file, or a <c>.tar.gz</c> of the folder.
    /// </param>
    /// <param name="preferEma">
    /// Whether to take the moving averages (<c>state_dict_ema</c>, <c>model_ema</c>) of a PyTorch checkpoint that has both.
    /// </param>
    /// <exception cref="InvalidInputException">
    /// The file cannot be read, is of another kind (the message says which), is damaged, or asks for code to be run.
    /// </exception>
    public static WeightFile Open(string path, bool preferEma = false)
    {
        var contents = CheckpointPaths.Find(path) is { } prefix ? CheckpointReader.Read(prefix) : OpenFile(path, preferEma);
        try
        {
            CheckNames(path, [.. contents.All.Select(tensor => tensor.Tensor)]);
            CheckSize(path, contents);
            return new WeightFile(path, contents, preferEma);
        }
        catch
        {
            contents.Resource.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public void Dispose() => _resource.Dispose();

    private static WeightContents OpenFile(string path, bool preferEma)
    {
        var file = InputFile.Open(path);
        try
        {
            return Read(file, preferEma);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static WeightContents Read(InputFile file, bool preferEma)
    {
        Span<byte> start = stackalloc byte[FileSignature.UsefulBytes];
        start = start[..file.ReadAtMost(0, start)];
        if (start.StartsWith("PK"u8)) return ReadZip(file, preferEma);
        if (start.StartsWith(Hdf5File.Signature)) return KerasReader.Read(file, file.OpenStream);
        if (start.StartsWith<byte>([0x1F, 0x8B]) || TarHeader.IsTar(start)) return CheckpointArchive.Read(file);
        string? kind = FileSignature.Describe(start);
        return kind switch
        {
            not null when kind.Contains("pickle", StringComparison.Ordinal) => TorchLegacyReader.Read(file, preferEma),
            "a safetensors file" => SafetensorsReader.Read(file),
            null when file.Path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase) => SafetensorsReader.Read(file),
            _ => throw Unknown(file, kind),
        };
    }

    private static WeightContents ReadZip(InputFile file, bool preferEma)
    {
        var archive = ZipDirectory.Read(file, WeightErrors.Kind, Expansion.Max(file.Length));
        if (TorchZipReader.IsTorch(archive)) return TorchZipReader.Read(archive, preferEma);
        if (archive.Find(KerasReader.WeightsEntry) is { } weights) return KerasReader.Read(archive, weights);
        if (NpzReader.IsNpz(archive)) return NpzReader.Read(archive);
        string first = archive.Entries.IsEmpty ? "nothing" : OneLine.Quote(archive.Entries[0].Name, 60);
        throw Unknown(file, $"a zip archive that starts with {first}");
    }

    private static InvalidInputException Unknown(InputFile file, string? kind) => new(
        $"'{file.Path}' is {kind ?? "a file of an unknown kind"}; weights are expected as .pth, .safetensors, .npz, Keras .h5, "
        + "or a TensorFlow checkpoint; an .onnx file is imported by its graph.");

    // Tensors may share their bytes, and chunks of zeros compress a thousandfold: a few bytes can stand for any number of values.
    private static void CheckSize(string path, WeightContents contents)
    {
        Int128 total = 0;
        foreach (var (tensor, _) in contents.All)
            total += (Int128)(ArrayShape.TryCountElements(tensor.Shape.AsSpan(), out long count) ? count : long.MaxValue) * sizeof(float);
        if (total > Expansion.Max(contents.Bytes))
        {
            throw WeightErrors.Unusable(
                path, $"its {contents.Bytes} bytes become {total} as float32, expected at most {Expansion.Max(contents.Bytes)}",
                "save it again without compression");
        }
    }

    private static void CheckNames(string path, ImmutableArray<SourceTensor> tensors)
    {
        if (tensors.Length > MaxTensors)
            throw WeightErrors.Damaged(path, $"it has {tensors.Length} tensors, expected at most {MaxTensors}");
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var tensor in tensors)
        {
            if (tensor.Name.Length > MaxNameLength) throw WeightErrors.Damaged(path,
                $"a tensor's name has {tensor.Name.Length} characters");
            if (!names.Add(tensor.Name)) throw WeightErrors.Damaged(path, $"it has two tensors {OneLine.Quote(tensor.Name)}");
        }
    }
}
