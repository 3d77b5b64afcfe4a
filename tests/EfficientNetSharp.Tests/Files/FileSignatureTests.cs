using System.IO.Compression;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Tests.Files;

public sealed class FileSignatureTests
{
    public static TheoryData<string, byte[]> Kinds => new()
    {
        { "an empty file", [] },
        { "an HDF5 file", [0x89, .. "HDF\r\n\u001a\n"u8] },
        { "a NumPy .npy file", [0x93, .. "NUMPY"u8, 1, 0] },
        { "a PNG image", [0x89, .. "PNG\r\n"u8] },
        { "a JPEG image", [0xFF, 0xD8, 0xFF, 0xE0] },
        { "a gzip archive", [0x1F, 0x8B, 8] },
        { "a GGUF file", [.. "GGUF"u8, 3] },
        { "a TensorFlow Lite file", [0x1C, 0, 0, 0, .. "TFL3"u8] },
        { "a Git LFS pointer, which stands for a file that was not fetched", [.. "version https://git-lfs.github.com/spec/v1\n"u8] },
        { "a Python pickle, as old PyTorch wrote .pth files", [0x80, 2, 0x8A] },
        { "an ONNX file", [0x08, 0x08, 0x12, 0x07] },
        { "a safetensors file", [2, 0, 0, 0, 0, 0, 0, 0, .. "{}"u8] },
        { "a TensorFlow SavedModel", [0x08, 0x01, 0x12, 0xF0] },
        { "a TensorFlow list of checkpoints", [.. "model_checkpoint_path: \"model.ckpt\"\n"u8] },
        { "a tar archive", [.. new byte[257], .. "ustar\u000000"u8] },
        { "a Keras archive", Zip("metadata.json") },
        { "a web page", [.. "\n<!DOCTYPE html><html>"u8] },
        { "a PyTorch zip archive", Zip("archive/data.pkl") },
        { "a NumPy .npz archive", Zip("arr_0.npy") },
        { "a zip archive", Zip("readme.txt") },
        { "a zip archive", [.. "PK\u0003\u0004"u8] },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Kinds_are_told_by_their_first_bytes(string kind, byte[] start) => Assert.Equal(kind, FileSignature.Describe(start));

    [Fact]
    public void Other_bytes_say_nothing() => Assert.Null(FileSignature.Describe("hello"u8));

    [Fact]
    public void Any_bytes_are_borne() => Gen.Byte.Array[0, 64].Sample(bytes => FileSignature.Describe(bytes) != "");

    private static byte[] Zip(string entry)
    {
        using var stream = new MemoryStream();
        using (var archive = new ZipArchive(stream, ZipArchiveMode.Create)) archive.CreateEntry(entry);
        return stream.ToArray();
    }
}
