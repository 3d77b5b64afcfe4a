using System.Buffers.Binary;
using System.Text;

namespace EfficientNetSharp.Files;

/// <summary>Says what a file is by its first bytes, so that a message about a wrong file can name it.</summary>
public static class FileSignature
{
    /// <summary>Bytes from the start that <see cref="Describe"/> makes use of.</summary>
    public const int UsefulBytes = 512;

    /// <summary>What <see cref="Describe"/> calls an ONNX file.</summary>
    public const string Onnx = "an ONNX file";

    /// <summary>What <see cref="Describe"/> calls a TensorFlow Lite file.</summary>
    public const string TensorFlowLite = "a TensorFlow Lite file";

    /// <summary>What <see cref="Describe"/> calls a safetensors file.</summary>
    public const string Safetensors = "a safetensors file";

    /// <summary>
    /// What the file is, as a noun with its article such as <c>a PyTorch zip archive</c>; <see langword="null"/> if unknown.
    /// </summary>
    /// <param name="start">The file's first bytes, <see cref="UsefulBytes"/> where it has as many.</param>
    public static string? Describe(ReadOnlySpan<byte> start)
    {
        if (start.IsEmpty) return "an empty file";
        if (start.StartsWith("PK\u0003\u0004"u8)) return DescribeZip(start);
        if (StartsWith(start, 0x89, "HDF\r\n\u001a\n"u8)) return "an HDF5 file";
        if (StartsWith(start, 0x93, "NUMPY"u8)) return "a NumPy .npy file";
        if (StartsWith(start, 0x89, "PNG"u8)) return "a PNG image";
        if (start.StartsWith<byte>([0xFF, 0xD8, 0xFF])) return "a JPEG image";
        if (start.StartsWith<byte>([0x1F, 0x8B])) return "a gzip archive";
        if (start.StartsWith("GGUF"u8)) return "a GGUF file";
        if (start.Length >= 8 && start[4..].StartsWith("TFL3"u8)) return TensorFlowLite;
        if (start.StartsWith("version https://git-lfs"u8)) return "a Git LFS pointer, which stands for a file that was not fetched";
        // POSIX tar and GNU tar have this word at 257 of each member's header.
        if (start.Length > 262 && start[257..].StartsWith("ustar"u8)) return "a tar archive";
        if (start.StartsWith("model_checkpoint_path:"u8)) return "a TensorFlow list of checkpoints";
        if (IsPickle(start)) return "a Python pickle, as old PyTorch wrote .pth files";
        if (IsOnnx(start)) return Onnx;
        // A SavedModel starts with field 1, its schema's version, which is 1, then field 2, the graphs.
        if (start.StartsWith<byte>([0x08, 0x01, 0x12])) return "a TensorFlow SavedModel";
        if (IsSafetensors(start)) return Safetensors;
        return IsWebPage(start) ? "a web page" : null;
    }

    private static bool StartsWith(ReadOnlySpan<byte> start, byte first, ReadOnlySpan<byte> rest) =>
        start[0] == first && start[1..].StartsWith(rest);

    // A local file header has the name's length at 26 and the name at 30 (PKWARE APPNOTE 4.3.7). PyTorch's first entry is
    // <archive>/data.pkl, NumPy's are <name>.npy.
    private static string DescribeZip(ReadOnlySpan<byte> start)
    {
        if (start.Length < 30) return "a zip archive";
        int length = BinaryPrimitives.ReadUInt16LittleEndian(start[26..]);
        var name = start.Slice(30, Math.Min(length, start.Length - 30));
        if (name.EndsWith("/data.pkl"u8)) return "a PyTorch zip archive";
        // A .keras archive has the entries metadata.json, config.json and model.weights.h5.
        if (name.EndsWith(".weights.h5"u8) || name.SequenceEqual("metadata.json"u8)) return "a Keras archive";
        return name.EndsWith(".npy"u8) ? "a NumPy .npz archive" : "a zip archive";
    }

    // PROTO opcode with protocol 2 to 5, which every pickle of a state dictionary starts with.
    private static bool IsPickle(ReadOnlySpan<byte> start) => start.Length >= 3 && start[0] == 0x80 && start[1] is >= 2 and <= 5;

    // A ModelProto usually starts with field 1, ir_version (a small varint; versions 3 to 13 are out), then field 2
    // (producer_name), 7 (graph) or 8 (opset_import), all length-delimited.
    private static bool IsOnnx(ReadOnlySpan<byte> start) =>
        start.Length >= 4 && start[0] == 0x08 && start[1] is >= 3 and <= 20 && (start[2] is 0x12 or 0x3A or 0x42);

    // The header's length, whose upper half is zero as no header has four gibibytes, then the header: a JSON object.
    private static bool IsSafetensors(ReadOnlySpan<byte> start) =>
        start.Length >= 10 && BinaryPrimitives.ReadUInt64LittleEndian(start) <= uint.MaxValue && start[8] == '{'
            && (start[9] is (byte)'"' or (byte)'}');

    private static bool IsWebPage(ReadOnlySpan<byte> start)
    {
        string text = Encoding.Latin1.GetString(start[..Math.Min(64, start.Length)]).TrimStart();
        return text.StartsWith("<!doctype html", StringComparison.OrdinalIgnoreCase)
            || text.StartsWith("<html", StringComparison.OrdinalIgnoreCase);
    }
}
