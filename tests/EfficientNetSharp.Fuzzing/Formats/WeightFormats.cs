using System.Collections.Immutable;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Testing.Hostile;
using EfficientNetSharp.Testing.Hostile.Containers;
using EfficientNetSharp.Weights.Formats;

namespace EfficientNetSharp.Fuzzing.Formats;

/// <summary>Files of weights that other software writes.</summary>
internal static class WeightFormats
{
    // Zip's records, opcodes of pickles, and the names that PyTorch's have.
    private static readonly byte[][] PickleWords = Mutator.Words(
        "\x80\x02", "}", "]", ")", "(", "t", "u", "d", "l", "s", "a", "e", "b", "R", "Q", "0", "1", "2", ".", "q\0", "h\0", "r\0\0\0\0",
            "j\0\0\0\0",
        "\x85", "\x86", "\x87", "\x88", "\x89", "\x8a\x08", "\x8c\x04", "\x93", "\x94", "\x95\xff\xff\xff\xff\xff\xff\xff\x7f",
            "J\xff\xff\xff\x7f",
        "X\xff\xff\xff\x7f", "\x8d\xff\xff\xff\xff\xff\xff\xff\x7f", "ccollections\nOrderedDict\n", "ctorch\nFloatStorage\n",
        "ctorch._utils\n_rebuild_tensor_v2\n", "cbuiltins\neval\n", "ctorch\nSize\n", "storage", "state_dict", "}2s", "]2a", "(((((((((",
        "PK\x01\x02", "PK\x05\x06");

    private static readonly byte[][] Hdf5Words = Mutator.Words(
        "TREE\x00", "TREE\x01", "SNOD\x01", "HEAP\0\0\0\0", "GCOL\x01", "OHDR\x02", "OCHK", "FRHP", "BTHD",
            "\xff\xff\xff\xff\xff\xff\xff\xff",
        "layer_names", "weight_names", "model_weights", "kernel:0", "\x01\0\0\0\0\0\0\0");

    public static ImmutableArray<FuzzFormat> All { get; } =
    [
        Weights("torch", PickleWords, ["torch_*.pth"], new ZipContainer()),
        Weights("numpy", Mutator.Words("'descr'", "'<f4'", "'fortran_order'", "True", "'shape'", "(", ",)", "\x93NUMPY\x01\0"),
        ["numpy*.npz"], new ZipContainer()),
        Weights("hdf5", Hdf5Words, ["*.h5"]),
        Weights("keras", Hdf5Words, ["*.keras"], new ZipContainer()),
        Weights("safetensors", SafetensorsWords, [], new SafetensorsContainer()) with
        {
            Seeds = () => Repository.Files("EfficientNetSharp.Tests", "*.safetensors").Select(Specimen.OfFile),
        },
        Weights("tensorflow", [], ["*.tar.gz"], new GzipContainer(), new TarContainer(), new SortedTableContainer()) with
        {
            // Each unpacks to a temporary folder.
            Seeds = () => [.. Files("*.tar.gz"), Specimen.OfFolder(Golden("tensorflow"))],
        },
        new FuzzFormat
        {
            Name = "npy",
            Seeds = () => Repository.Files("EfficientNetSharp.Tests", "*.npy").Select(Specimen.OfFile),
            Mutator = new Mutator([], Mutator.Words("'descr'", "'<f4'", "'fortran_order'", "True", "'shape'", "(", ",)", "L",
            "\x93NUMPY\x02\0")),
            Read = path => NpyFile.Read(path),
        },
    ];

    private static byte[][] SafetensorsWords => Mutator.Words(
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[", "],\"data_offsets\":[0,", "]}", "\"dtype\":", "\"F64\"", "\"__metadata__\":{", "\"BF16\"",
            "[[[[[[[[", "\\u0000", "\"shape\":[]");

    private static string Golden(string name) => Repository.Tests(Path.Combine("EfficientNetSharp.Weights.Tests", "Goldens", name));

    private static IEnumerable<Specimen> Files(string pattern) =>
        Repository.Files("EfficientNetSharp.Weights.Tests/Goldens", pattern).Select(Specimen.OfFile);

    private static FuzzFormat Weights(string name, byte[][] words, string[] patterns, params IContainer[] kinds) => new()
    {
        Name = name,
        Seeds = () => patterns.SelectMany(Files),
        Mutator = new Mutator(kinds, words),
        Read = ReadAll,
    };

    private static void ReadAll(string path)
    {
        using var file = WeightFile.Open(path);
        foreach (var tensor in file.Tensors) Attempt.Read(() => GC.KeepAlive(tensor.Read()));
    }
}
