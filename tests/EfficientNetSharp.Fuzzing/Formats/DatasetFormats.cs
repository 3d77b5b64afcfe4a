using System.Collections.Immutable;
using EfficientNetSharp.Data;
using EfficientNetSharp.Data.Formats;
using EfficientNetSharp.Data.Landmarks;
using EfficientNetSharp.Data.Pairs;
using EfficientNetSharp.Imaging;
using EfficientNetSharp.Imaging.Alignment;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Testing.Hostile;
using EfficientNetSharp.Testing.Hostile.Containers;

namespace EfficientNetSharp.Fuzzing.Formats;

/// <summary>Datasets: shards, published layouts, lists.</summary>
internal static class DatasetFormats
{
    // Images of damaged lists are as many as there are; what is to be seen is seen in the first.
    private const int MaxImages = 40;

    private static readonly byte[][] ListWords = Mutator.Words(
        "label", "path", "class", "image", "\"", ",", "\t", ";", "\n", "\r\n", "../", "/etc/passwd", "\0", "\xef\xbb\xbf", "\xff\xfe",
            "\xc3\x28", "train", "0", "1,0", "nan");

    public static ImmutableArray<FuzzFormat> All { get; } =
    [
        Datasets("parquet", ["parquet", "parquet-forms"], Mutator.Words(
            "PAR1", "image", "bytes", "label", "huggingface", "\x15\x04", "\x15\x06", "\x19\x1c", "\x19\xfc\xff\xff\xff\x0f", "\x2c",
                "\x1c", "\x15\xfe\xff\xff\xff\x0f", "\0"), new ParquetContainer()) with
        {
            // Two files and two columns of each, either of which may become 64 MiB.
            Limits = new Limits { ManagedBytes = 512L << 20, ResidentBytes = 320L << 20 },
        },
        Datasets("tfrecords", ["tfrecords"], Mutator.Words("image/encoded", "image/class/label", "image/class/text", "\x0a", "\x12"),
        new TfRecordContainer(), new ProtobufContainer()),
        Datasets("webdataset", ["webdataset"],
        Mutator.Words("ustar\00000", "ustar  \0", "path=", "size=", "GNU.sparse.", ".cls", ".json", "{\"label\":"), new TarContainer()),
        Datasets("recordio", ["recordio"], Mutator.Words(
            "\x0a\x23\xd7\xce", "\x0a\x23\xd7\x3e", "\0\0\0\x20", "\0\0\0\x40", "\0\0\0\x60", "\x02\0\0\0", "\0\0\x80\x4b", "\0\0\xc0\x7f",
            "\t0\n", "\t-1\n")),
        Datasets("lists", ["csv", "birdsnap", "fgvc-aircraft-2013b", "food-101", "oxford-iiit-pet", "imagenet-kaggle"], ListWords),
        Datasets("matlab", ["stanford_cars", "cars-whole", "flowers-102", "imagenet-devkit"],
        Mutator.Words("\x0f\0\0\0", "\x0e\0\0\0", "\x01\0\x04\0", "\xff\xff\xff\xff"), new ZlibContainer()),
        Datasets("cifar", ["cifar-10-batches-bin", "cifar-10-batches-py", "cifar-100-binary", "cifar-100-python"],
        Mutator.Words("data", "labels", "q\0", "}", "X\xff\0\0\0")),
        Files("pair-bins", Mutator.Words(
            "c_codecs\nencode\n", "latin1", "cnumpy\ndtype\n", "q\x01", "h\x01", "\x88", "\x89", "I01\n", "T\xff\0\0\0", "X\x00\x01\0\0", "](",
            "\x86.", "\x94"), ReadPairs),
        Files("pair-lists", ListWords, ReadPairs),
        Files("landmark-lists", [.. ListWords, .. Mutator.Words("left_eye_x", "x1", "1e308", "-1")], path =>
        {
            foreach (var face in LandmarkList.Read(path, Path.GetDirectoryName(Path.GetFullPath(path))!))
            {
                if (face.Landmarks is { } landmarks) Attempt.Read(() => FaceAligner.TransformOf(new ImageSize(112, 112), landmarks));
            }
        }),
    ];

    private static FuzzFormat Files(string name, byte[][] words, Action<string> read) => new()
    {
        Name = name,
        Seeds = () => Directory.GetFiles(Repository.Tests($"EfficientNetSharp.Data.Tests/Goldens/{name}")).Order(StringComparer.Ordinal)
            .Select(WithFaces),
        Mutator = new Mutator([], words),
        Read = read,
    };

    // A list is refused where none of what it names is there.
    private static Specimen WithFaces(string path)
    {
        var list = Specimen.OfFile(path);
        return list with
        {
            Files =
            [
                .. list.Files,
                .. new[] { "Ada_L/Ada_L_0001.jpg", "Ada_L/Ada_L_0002.jpg", "Bob/Bob_0001.png", "Bob/Bob_0002.jpg" }
                    .Select(name => new SpecimenFile(name, [.. "image"u8])),
            ],
        };
    }

    private static void ReadPairs(string path)
    {
        var pairs = VerificationPairs.Open(path);
        GC.KeepAlive((pairs.Warnings, pairs.LeftOut));
        ReadImages(pairs.Images);
    }

    private static FuzzFormat Datasets(string name, string[] folders, byte[][] words, params IContainer[] kinds) => new()
    {
        Name = name,
        Seeds = () => folders.Select(folder => Specimen.OfFolder(Repository.Tests($"EfficientNetSharp.Data.Tests/Goldens/{folder}"))),
        Mutator = new Mutator(kinds, words),
        Read = Read,
    };

    private static void Read(string path)
    {
        foreach (var (_, images) in EfficientNetSharp.Data.Formats.Datasets.Open(path).All) ReadImages(images);
    }

    private static void ReadImages(IImageDataset images)
    {
        var buffer = new EncodedBuffer();
        for (int i = 0; i < Math.Min(images.Count, MaxImages); i++)
        {
            GC.KeepAlive((images.NameOf(i), images.LabelOf(i), images.SizeOf(i)));
            int index = i;
            Attempt.Read(() => images.ReadEncoded(index, buffer));
            Attempt.Read(() => ImageDecoder.ReadSize(buffer.Bytes, images.NameOf(index)));
        }
    }
}
