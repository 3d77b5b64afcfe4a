using System.Buffers.Binary;
using System.Text;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Models.Safetensors;
using EfficientNetSharp.Tests.Files;

namespace EfficientNetSharp.Tests.Models;

public sealed class SafetensorsHostileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    // Each with eight bytes of data; 'T' stands for a whole description of a tensor of two floats.
    public static TheoryData<string, string> Headers => new()
    {
        { "[]", "does not start with '{'" },
        { "null", "does not start with '{'" },
        { " {\"a\":T}", "does not start with '{'" },
        { "{", "not JSON" },
        { "{\"a\":T", "not JSON" },
        { "{\"a\":T}x", "not JSON" },
        { "{\"a\":T}{}", "not JSON" },
        { "{\"a\":T}\0", "not JSON" },
        { "{\"a\":T,}", "not JSON" },
        { "{\"a\":T/*c*/}", "not JSON" },
        { "{'a':T}", "not JSON" },
        { "{\"a\":T,\"a\":T}", "the tensor 'a' twice" },
        { "{\"a\":T,\"\\u0061\":T}", "the tensor 'a' twice" },
        { "{\"a\nb\":T}", "not JSON" },
        { "{\"a\\nb\":{}}", "'a\\u000Ab' are missing" },
        { "{\"\\ud800\":T}", "not valid Unicode" },
        { "{\"a\":1}", "is not an object" },
        { "{\"a\":null}", "is not an object" },
        { "{\"a\":[T]}", "is not an object" },
        { "{\"a\":{}}", "are missing" },
        { Tensor(shape: "[2],\"shape\":[2]"), "the shape of the tensor 'a' is given twice" },
        { Tensor(type: "\"F32\",\"dtype\":\"F32\""), "the dtype of the tensor 'a' is given twice" },
        { Tensor(offsets: "[0,8],\"data_offsets\":[0,8]"), "the data_offsets of the tensor 'a' are given twice" },
        { Tensor(type: "\"F33\""), "'F33', which is unknown" },
        { Tensor(type: "\"f32\""), "'f32', which is unknown" },
        { Tensor(type: "32"), "not a text" },
        { Tensor(shape: "2"), "is not a list" },
        { Tensor(shape: "{}"), "is not a list" },
        { Tensor(shape: "[-2]"), "has '-2'" },
        { Tensor(shape: "[2.0]"), "has '2.0'" },
        { Tensor(shape: "[2e0]"), "has '2e0'" },
        { Tensor(shape: "[\"2\"]"), "has '2'" },
        { Tensor(shape: "[[2]]"), "expected integers" },
        { Tensor(shape: "[null]"), "expected integers" },
        { Tensor(shape: "[NaN]"), "not JSON" },
        { Tensor(shape: "[Infinity]"), "not JSON" },
        { Tensor(shape: "[4294967298]"), "has '4294967298'" },
        { Tensor(shape: "[99999999999999999999]"), "has '99999999999999999999'" },
        { Tensor(shape: "[3]"), "does not fit its 8 bytes" },
        { Tensor(shape: "[]"), "does not fit its 8 bytes" },
        { Tensor(shape: "[0]"), "does not fit its 8 bytes" },
        { Tensor(shape: "[2147483647,2147483647,2147483647]"), "does not fit its 8 bytes" },
        { Tensor(shape: "[2147483647,2147483647,2]"), "does not fit its 8 bytes" },
        { Tensor(shape: "[65536,65536,65536,65536]"), "does not fit its 8 bytes" },
        { Tensor(shape: $"[{string.Join(',', Enumerable.Repeat(1, 65))}]"), "more than 64 entries" },
        { Tensor(type: "\"F4\"", shape: "[3]"), "does not fit its 8 bytes" },
        { Tensor(offsets: "[0]"), "are missing" },
        { Tensor(offsets: "[0,8,8]"), "more than 2 entries" },
        { Tensor(offsets: "[8,0]"), "are reversed, 8 to 0" },
        { Tensor(offsets: "[-8,0]"), "has '-8'" },
        { Tensor(offsets: "[0,8.5]"), "has '8.5'" },
        { Tensor(offsets: "[0,18446744073709551615]"), "expected integers" },
        { Tensor(offsets: "[9223372036854775799,9223372036854775807]"), "leaves a gap" },
        { Tensor(offsets: "[1,9]"), "leaves a gap of 1 bytes" },
        { Tensor(shape: "[3]", offsets: "[0,12]"), "past the 8 bytes of data" },
        { Tensor(shape: "[1]", offsets: "[0,4]"), "4 bytes at its end belong to no tensor" },
        { "{}", "8 bytes at its end belong to no tensor" },
        { "{\"a\":T,\"b\":T}", "overlaps" },
        { "{\"a\":T,\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[4,8]}}", "overlaps" },
        { "{\"a\":T,\"b\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[4,4]}}", "overlaps" },
        { "{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]},\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[4,8]}}",
        "leaves a gap" },
        { "{\"__metadata__\":1,\"a\":T}", "not an object of texts" },
        { "{\"__metadata__\":null,\"a\":T}", "not an object of texts" },
        { "{\"__metadata__\":[],\"a\":T}", "not an object of texts" },
        { "{\"__metadata__\":{\"k\":1},\"a\":T}", "not an object of texts" },
        { "{\"__metadata__\":{\"k\":null},\"a\":T}", "not an object of texts" },
        { "{\"__metadata__\":{\"k\":{\"k\":\"v\"}},\"a\":T}", "not an object of texts" },
        { "{\"__metadata__\":{\"k\":\"v\",\"k\":\"v\"},\"a\":T}", "'k' twice" },
        { "{\"__metadata__\":{},\"__metadata__\":{},\"a\":T}", "__metadata__ twice" },
        { "{\"__metadata__\":{\"k\":\"\\udc00\"},\"a\":T}", "not valid Unicode" },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Headers))]
    public void A_wrong_header_is_refused(string header, string expected) => AssertRefused(Make(Expand(header)), expected);

    [Theory]
    [InlineData("{\"a\":T}")]
    [InlineData("{\"a\":T}   \n ")]
    [InlineData("{ \"a\" : {\"more\":[{\"x\":null}],\"data_offsets\":[0,8],\"shape\":[1,2,1],\"dtype\":\"F32\"} , \"__metadata__\" : {} }")]
    [InlineData("{\"\":{\"dtype\":\"F64\",\"shape\":[],\"data_offsets\":[0,8]}}")]
    [InlineData(
        "{\"z\":{\"dtype\":\"U8\",\"shape\":[0,2147483647],\"data_offsets\":[8,8]},\"y\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},\"a\":T}")]
    [InlineData("{\"a\":{\"dtype\":\"F4\",\"shape\":[16],\"data_offsets\":[0,8]}}")]
    public void Unusual_but_right_headers_are_read(string header)
    {
        using var file = SafetensorsFile.Open(_folder.Write("a", Make(Expand(header))));
        Assert.Equal(8, file.Tensors.Sum(tensor => file.ReadBytes(tensor.Name).Length));
    }

    [Fact]
    public void Deep_nesting_is_refused_and_not_recursed_into()
    {
        foreach (string open in new[] { "[", "{\"a\":" })
        {
            string deep = string.Concat(Enumerable.Repeat(open, 1_000_000));
            AssertRefused(Make($"{{\"a\":{{\"x\":{deep}"), "not JSON");
        }
    }

    [Fact]
    public void Invalid_UTF8_is_refused() => AssertRefused(Make([.. "{\"a"u8, 0xC3, .. "\":1}"u8]), "not valid UTF-8");

    [Theory]
    [InlineData(ulong.MaxValue, "expected at most 100000000")]
    [InlineData(long.MaxValue, "expected at most 100000000")]
    [InlineData(100_000_001, "expected at most 100000000")]
    [InlineData(99_999_999, "more than the file")]
    [InlineData(11, "more than the file")]
    [InlineData(0, "its header is empty")]
    public void A_wrong_header_length_is_refused_without_memory(ulong length, string expected)
    {
        byte[] bytes = Make("{}", dataLength: 8);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        string path = _folder.Write("a", bytes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        AssertRefused(bytes, expected);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void Names_of_megabytes_do_not_fill_the_message() =>
        AssertRefused(Make($"{{\"{new string('x', 2_000_000)}\":{{\"dtype\":\"{new string('y', 2_000_000)}\"}}}}"), "xxx…'");

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        byte[] whole = File.ReadAllBytes(SafetensorsFileTests.Golden);
        for (int length = 0; length < whole.Length; length++)
            HostileInput.AssertRefused(() => SafetensorsFile.Open(_folder.Write("a", whole[..length])).Dispose(), "a'");
    }

    [Fact]
    public void Other_files_are_named()
    {
        AssertRefused([], "an empty file");
        AssertRefused([0x89, .. "HDF\r\n\u001a\n"u8, .. new byte[100]], "an HDF5 file");
        AssertRefused([.. "PK\u0003\u0004"u8, .. new byte[22], 16, 0, 0, 0, .. "archive/data.pkl"u8, .. new byte[10]],
            "a PyTorch zip archive");
        AssertRefused([0x08, 0x08, 0x12, 0x07, .. "pytorch"u8, .. new byte[10]], "an ONNX file");
        AssertRefused([.. "hello, world"u8], "not a usable safetensors file");
        HostileInput.AssertRefused(() => SafetensorsFile.Open(_folder["missing"]), "there is no such file");
        HostileInput.AssertRefused(() => SafetensorsFile.Open(Path.Combine(_folder["missing"], "a")), "there is no such file");
        HostileInput.AssertRefused(() => SafetensorsFile.Open(_folder.Path), "it is a folder");
        HostileInput.AssertRefused(() => SafetensorsFile.Open(""), "none");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Changed_files_are_read_or_refused(ulong seed)
    {
        byte[] whole = File.ReadAllBytes(SafetensorsFileTests.Golden);
        int header = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(whole);
        Assert.InRange(HostileInput.Mutate(whole, header, _folder["a"], ReadAll, seed, rounds: 3000), 1000, 2999);
    }

    [Fact]
    public void Changed_lengths_are_read_or_refused() =>
        Assert.InRange(HostileInput.Mutate(File.ReadAllBytes(SafetensorsFileTests.Golden), 9, _folder["a"], ReadAll, seed: 4, rounds: 2000),
            1000, 2000);

    private static void ReadAll(string path)
    {
        using var file = SafetensorsFile.Open(path);
        foreach (var tensor in file.Tensors)
        {
            Assert.Equal(tensor.ByteLength, file.ReadBytes(tensor.Name).Length);
            if (tensor.Type is ElementType.F64 or ElementType.F32 or ElementType.F16 or ElementType.BF16)
                Assert.Equal(tensor.Count, file.ReadFloat32(tensor.Name).Length);
        }
    }

    private static string Tensor(string type = "\"F32\"", string shape = "[2]", string offsets = "[0,8]") =>
        $"{{\"a\":{{\"dtype\":{type},\"shape\":{shape},\"data_offsets\":{offsets}}}}}";

    private static string Expand(string header) =>
        header.Replace(":T", ":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}", StringComparison.Ordinal)
            .Replace("[T", "[{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}", StringComparison.Ordinal);

    private static byte[] Make(string header, int dataLength = 8) => Make(Encoding.UTF8.GetBytes(header), dataLength);

    private static byte[] Make(byte[] header, int dataLength = 8)
    {
        byte[] length = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(length, header.Length);
        return [.. length, .. header, .. new byte[dataLength]];
    }

    private void AssertRefused(byte[] bytes, string expected)
    {
        string path = _folder.Write("a", bytes);
        HostileInput.AssertRefused(() => SafetensorsFile.Open(path).Dispose(), expected);
    }
}
