using System.Collections.Immutable;
using System.Formats.Tar;
using System.IO.Compression;
using EfficientNetSharp.Data.Downloads;
using EfficientNetSharp.Testing.Hostile;
using EfficientNetSharp.Testing.Hostile.Containers;

namespace EfficientNetSharp.Fuzzing.Formats;

/// <summary>Archives of datasets, unpacked; nothing may be written outside of the folder that they are unpacked into.</summary>
internal static class ArchiveFormats
{
    private static readonly byte[][] Words = Mutator.Words(
        "../", "/", "..\\", "C:", "\0", "PK\x01\x02", "PK\x03\x04", "PK\x05\x06", "PK\x06\x06", "\x08\0", "\0\0", "ustar\00000",
            "path=../../x\n", "size=9999999999\n", "27 GNU.sparse.major=1\n");

    public static ImmutableArray<FuzzFormat> All { get; } =
    [
        new FuzzFormat
        {
            Name = "archive",
            Seeds = () => [Specimen.Of("a.zip", Zip(CompressionLevel.Optimal)), Specimen.Of("b.zip", Zip(CompressionLevel.NoCompression)),
            Specimen.Of("c.tar", Tar()), Specimen.Of("d.tar.gz", Gzip(Tar())), Specimen.Of("e.tar", TarOfTars())],
            Mutator = new Mutator([new ZipContainer(), new GzipContainer(), new TarContainer()], Words),
            Read = Unpack,
        },
    ];

    private static readonly (string Name, byte[] Bytes)[] Members =
        [("set/train/a/1.txt", new byte[600]), ("set/train/b/2.txt", "text"u8.ToArray()),
            ("set/labels.csv", "1.txt,a\n2.txt,b\n"u8.ToArray())];

    private static void Unpack(string path)
    {
        string outer = Path.Combine(Path.GetDirectoryName(path)!, "unpacked"), folder = Path.Combine(outer, "inner");
        string[] beside = [];
        try
        {
            ArchiveUnpacker.Unpack(path, folder, nested: true, null, CancellationToken.None);
        }
        finally
        {
            if (Directory.Exists(outer))
            {
                beside = Directory.GetFileSystemEntries(outer);
                Directory.Delete(outer, recursive: true);
            }
        }

        if (beside.Length > 1) throw new InvalidOperationException($"It wrote outside of its folder: {string.Join(", ", beside)}.");
    }

    private static byte[] Zip(CompressionLevel level)
    {
        using var target = new MemoryStream();
        using (var archive = new ZipArchive(target, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, bytes) in Members)
            {
                using var stream = archive.CreateEntry(name, level).Open();
                stream.Write(bytes);
            }
        }

        return target.ToArray();
    }

    private static byte[] Tar() => Tar(Members);

    private static byte[] TarOfTars() =>
        Tar([("a.tar", Tar()), ("b.tar", Tar()), ($"{new string('n', 120)}.txt", "long name"u8.ToArray())]);

    private static byte[] Tar((string Name, byte[] Bytes)[] members)
    {
        using var target = new MemoryStream();
        using (var archive = new TarWriter(target, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (var (name, bytes) in members)
            {
                archive.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name)
                {
                    DataStream = new MemoryStream(bytes), ModificationTime = DateTimeOffset.UnixEpoch,
                });
            }
        }

        return target.ToArray();
    }

    private static byte[] Gzip(byte[] bytes)
    {
        using var target = new MemoryStream();
        using (var stream = new GZipStream(target, CompressionLevel.Optimal, leaveOpen: true)) stream.Write(bytes);
        return target.ToArray();
    }
}
