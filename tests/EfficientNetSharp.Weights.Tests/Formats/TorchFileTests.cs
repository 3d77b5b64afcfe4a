using System.IO.Compression;
using System.IO.Hashing;
using System.Text;
using EfficientNetSharp.Models;
using EfficientNetSharp.Tests.Files;
using EfficientNetSharp.Weights.Formats;

namespace EfficientNetSharp.Weights.Tests.Formats;

/// <summary>
/// What is written is read back, by the reader here and by .NET's own zip reader, and equals torch_written.pth, which
/// Goldens/check_written.py has loaded with PyTorch.
/// </summary>
public sealed class TorchFileTests : IDisposable
{
    private static readonly (string Name, WeightTensor Tensor)[] State =
    [
        ("conv.weight", new WeightTensor([2, 3, 1, 1], FormatGolden.Grid(6, 0))),
        ("scale", new WeightTensor([], [2.5f])),
        ("empty", new WeightTensor([0, 5], [])),
        ("größe", new WeightTensor([2], [float.NaN, float.NegativeInfinity])),
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_written_is_read_back()
    {
        TorchFile.Write(_folder["a.pth"], State);
        using var file = WeightFile.Open(_folder["a.pth"]);
        FormatGolden.AssertHolds(file, [.. State.Select(tensor => (tensor.Name, tensor.Tensor.Shape.ToArray(), tensor.Tensor.Values))]);
    }

    [Fact]
    public void The_bytes_are_those_that_PyTorch_has_loaded()
    {
        TorchFile.Write(_folder["a.pth"], State);
        Assert.Equal(File.ReadAllBytes(FormatGolden.At("torch_written.pth")), File.ReadAllBytes(_folder["a.pth"]));
    }

    [Fact]
    public void Entries_are_those_of_torch_save_with_their_checksums_and_data_aligned_to_64_bytes()
    {
        TorchFile.Write(_folder["a.pth"], State);
        using (var archive = ZipFile.OpenRead(_folder["a.pth"]))
        {
            Assert.Equal(
                ["data.pkl", "byteorder", "data/0", "data/1", "data/2", "data/3", "version"],
                archive.Entries.Select(entry => entry.FullName["archive/".Length..]));
            foreach (var entry in archive.Entries)
            {
                using var copy = new MemoryStream();
                using var stream = entry.Open();
                stream.CopyTo(copy);
                Assert.Equal(entry.Crc32, Crc32.HashToUInt32(copy.ToArray()));
            }
        }

        byte[] bytes = File.ReadAllBytes(_folder["a.pth"]);
        byte[] data = [.. FormatGolden.Grid(6, 0).SelectMany(BitConverter.GetBytes)];
        Assert.Equal(0, bytes.AsSpan().IndexOf(data) % 64);
    }

    [Fact]
    public void A_name_that_comes_twice_is_a_fault_of_the_caller() =>
        Assert.Throws<ArgumentException>(() => TorchFile.Write(_folder["a.pth"], [State[0], State[0]]));
}
