using EfficientNetSharp.Tests.Files;
using EfficientNetSharp.Weights.Formats;
using static EfficientNetSharp.Weights.Tests.Formats.FormatGolden;

namespace EfficientNetSharp.Weights.Tests.Formats;

public sealed class NpzReaderTests
{
    [Theory]
    [InlineData("numpy.npz")]
    [InlineData("numpy_compressed.npz")]
    public void Archives_of_NumPy_are_read(string name)
    {
        using var file = WeightFile.Open(At(name));
        Assert.Equal(WeightFormat.NumPy, file.Format);
        AssertHolds(
            file,
            ("conv", [2, 3], Grid(6, 1)),
            ("blocks/0/w", [4], Grid(4, 2)),
            ("fortran", [2, 3], Grid(6, 3)),
            ("scalar", [], [2.5f]),
            ("ints", [2], [-3, 7]),
            ("zeros", [1000], new float[1000]));
    }

    [Fact]
    public void Objects_are_refused() =>
        HostileInput.AssertRefused(() => WeightFile.Open(At("numpy_objects.npz")), "pickled Python objects");

    [Fact]
    public void A_changed_value_is_found_by_its_checksum()
    {
        using var folder = new TemporaryFolder();
        byte[] bytes = File.ReadAllBytes(At("numpy.npz"));
        // 1.125, the second value of the first array.
        bytes[bytes.AsSpan().IndexOf(BitConverter.GetBytes(1.125f))] ^= 1;
        HostileInput.AssertRefused(() => ReadAll(folder.Write("a.npz", bytes)), "checksum");
    }
}
