using System.IO.Compression;
using System.Text;
using EfficientNetSharp.Files;
using EfficientNetSharp.Tests.Files;
using EfficientNetSharp.Weights.Formats;

namespace EfficientNetSharp.Weights.Tests.Formats;

/// <summary>Small files that become large are refused before memory is taken; those within the bounds are read.</summary>
public sealed class ExpansionTests : IDisposable
{
    // What a refusal may take: the file, its directory, and what tells it.
    private const long MaxBytes = 48 << 20;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Compressed_zeros_beyond_the_bound_are_refused_and_within_it_read()
    {
        AssertRefusedInLittleMemory(Npz("bomb", 400_000_000), "unpack to");
        using var file = WeightFile.Open(Npz("fresh", 1_000_000));
        Assert.Equal(new float[250_000], file.Tensors.Single().Read());
    }

    [Fact]
    public void Many_members_count_together() =>
        AssertRefusedInLittleMemory(Npz("many", [.. Enumerable.Repeat(8_000_000, 20)]), "unpack to");

    [Fact]
    public void An_archive_in_an_archive_is_bounded_by_the_outer_one()
    {
        byte[] inner = new byte[200_000_000];
        AssertRefusedInLittleMemory(Zip("nested.keras", ("model.weights.h5", inner)), "unpack to");
    }

    [Theory]
    [InlineData("}")]
    [InlineData("]")]
    [InlineData(")")]
    [InlineData("(")]
    [InlineData("N")]
    [InlineData("}2")]
    [InlineData("}q\u00010")]
    [InlineData("K\u0001")]
    public void A_pickle_of_many_objects_is_refused(string code)
    {
        string codes = string.Concat(Enumerable.Repeat(code, 16_000_000 / code.Length));
        AssertRefusedInLittleMemory(
            Zip("objects.pth", ("archive/data.pkl", [0x80, 2, .. Encoding.Latin1.GetBytes(codes), (byte)'.'])),
                "objects, more than its length justifies",
            // The pickle itself is unpacked, which its sixteen megabytes are allowed to be.
            MaxBytes + (32 << 20));
    }

    private static void AssertRefusedInLittleMemory(string path, string expected, long max = MaxBytes)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        HostileInput.AssertRefused(() => WeightFile.Open(path).Dispose(), expected);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, max);
        Assert.True(new FileInfo(path).Length < Expansion.FreeBytes / 32);
    }

    private string Npz(string name, params int[] lengths) => Zip(
        $"{name}.npz", [.. lengths.Select((length, i) => ($"a{i}.npy", Npy(length)))]);

    private static byte[] Npy(int bytes)
    {
        string header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({bytes / 4},), }}".PadRight(117) + "\n";
        return [0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, 0, .. Encoding.ASCII.GetBytes(header), .. new byte[bytes]];
    }

    private string Zip(string name, params (string Name, byte[] Bytes)[] members)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (member, bytes) in members)
            {
                using var entry = archive.CreateEntry(member, CompressionLevel.Optimal).Open();
                entry.Write(bytes);
            }
        }

        return _folder.Write(name, stream.ToArray());
    }
}
