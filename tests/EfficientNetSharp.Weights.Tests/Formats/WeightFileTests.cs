using System.Text;
using EfficientNetSharp.Models.Safetensors;
using EfficientNetSharp.Tests.Files;
using EfficientNetSharp.Weights.Formats;
using static EfficientNetSharp.Weights.Tests.Formats.FormatGolden;

namespace EfficientNetSharp.Weights.Tests.Formats;

public sealed class WeightFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, byte[]> OtherKinds => new()
    {
        { "a Git LFS pointer", [.. "version https://git-lfs.github.com/spec/v1\n"u8] },
        { "a web page", [.. "<!DOCTYPE html><html>Sign in"u8] },
        { "a GGUF file", [.. "GGUF"u8, 3, 0, 0, 0] },
        { "a TensorFlow Lite file", [0x1C, 0, 0, 0, .. "TFL3"u8] },
        { "a TensorFlow SavedModel", [0x08, 0x01, 0x12, 0xF0, 0x01] },
        { "an empty file", [] },
        { "a file of an unknown kind", [.. "hello"u8] },
        { "an archive without a TensorFlow checkpoint", Tar() },
        { "does not decompress", [0x1F, 0x8B, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] },
        { "without its directory", [.. "PK\u0003\u0004"u8, .. new byte[100]] },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(OtherKinds))]
    public void Other_kinds_of_file_are_told(string kind, byte[] bytes) =>
        HostileInput.AssertRefused(() => WeightFile.Open(_folder.Write("weights.pth", bytes)), kind);

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    [InlineData("nowhere/there.pth")]
    public void Paths_of_nothing_are_told(string path) => HostileInput.AssertRefused(() => WeightFile.Open(path), "");

    [Theory]
    [InlineData("torch_zip.pth", WeightFormat.Torch)]
    [InlineData("numpy.npz", WeightFormat.NumPy)]
    [InlineData("keras2_weights.h5", WeightFormat.Keras)]
    [InlineData("tensorflow.tar.gz", WeightFormat.TensorFlow)]
    public void The_name_of_a_file_does_not_matter(string name, WeightFormat format)
    {
        File.Copy(At(name), _folder["download"]);
        using var file = WeightFile.Open(_folder["download"]);
        Assert.Equal(format, file.Format);
        Assert.Equal(_folder["download"], file.Path);
    }

    [Fact]
    public void Safetensors_come_with_their_metadata_and_any_number_type()
    {
        SafetensorsWriter.Write(
            _folder["a.safetensors"],
            new Dictionary<string, string> { ["format"] = "pt" },
            [SafetensorsEntry.FromFloats("w", [2, 3], Grid(6, 1)), SafetensorsEntry.FromFloats("b", [], new[] { 2.5f })]);
        using var file = WeightFile.Open(_folder["a.safetensors"]);
        Assert.Equal(WeightFormat.Safetensors, file.Format);
        Assert.Equal("pt", file.Metadata["format"]);
        var byName = file.Tensors.ToDictionary(tensor => tensor.Name, tensor => tensor.ReadTensor());
        Assert.Equal(Grid(6, 1), byName["w"].Values);
        Assert.Equal([2.5f], byName["b"].Values);

        const string header = """{"n":{"dtype":"I64","shape":[1],"data_offsets":[0,8]},"q":{"dtype":"F8_E4M3","shape":[1],"data_offsets":[8,9]}}""";
        byte[] bytes = [.. BitConverter.GetBytes((long)header.Length), .. Encoding.ASCII.GetBytes(header), .. BitConverter.GetBytes(-7L),
            1];
        using var numbers = WeightFile.Open(_folder.Write("b.safetensors", bytes));
        Assert.Equal([-7], numbers.Tensors[0].ReadTensor().Values);
        HostileInput.AssertRefused(() => numbers.Tensors[1].ReadTensor(), "F8_E4M3");
    }

    [Fact]
    public async Task Tensors_are_read_from_many_threads_at_once()
    {
        foreach (string name in new[] { "torch_zip.pth", "numpy_compressed.npz", "keras2_chunked.h5", "tensorflow.tar.gz" })
        {
            using var file = WeightFile.Open(At(name));
            var tensors = file.Tensors.Where(tensor => tensor.Name != "split").ToArray();
            float[][] alone = [.. tensors.Select(tensor => tensor.Read())];
            await Parallel.ForAsync(0, 200, TestContext.Current.CancellationToken, (i, _) =>
            {
                Assert.Equal(alone[i % alone.Length], tensors[i % alone.Length].Read());
                return ValueTask.CompletedTask;
            });
        }
    }

    private static byte[] Tar()
    {
        using var bytes = new MemoryStream();
        using (var tar = new System.Formats.Tar.TarWriter(bytes, leaveOpen: true))
            tar.WriteEntry(new System.Formats.Tar.PaxTarEntry(System.Formats.Tar.TarEntryType.RegularFile,
                "readme.txt") { DataStream = new MemoryStream([1]) });
        return bytes.ToArray();
    }
}
