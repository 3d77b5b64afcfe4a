using System.Buffers.Binary;
using System.Text;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Tests.Files;

namespace EfficientNetSharp.Tests.Arrays;

public sealed class NpyHostileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }", "takes 12 bytes, found 8")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", "takes 4 bytes, found 8")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2147483647, 1073741823), }", "bytes, found 8")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2147483647, 2147483647, 2147483647, 2147483647), }",
        "more values than a file can hold")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", "expected at most 2147483647")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }", "a dimension, 0 or more")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2.0,), }", "expected ')'")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': 2, }", "expected '('")]
    [InlineData("{'descr': '<f4', 'fortran_order': 0, 'shape': (2,), }", "expected True or False")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, }", "lacks one of")]
    [InlineData("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", "'descr' twice")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'more': 1}", "'more'")]
    [InlineData("{'descr': '<f16', 'fortran_order': False, 'shape': (2,), }", "unknown size")]
    [InlineData("{'descr': '=f4', 'fortran_order': False, 'shape': (2,), }", "'=f4'")]
    [InlineData("{'descr': '|f4', 'fortran_order': False, 'shape': (2,), }", "'|f4'")]
    [InlineData("{'descr': '', 'fortran_order': False, 'shape': (2,), }", "unknown type")]
    [InlineData("{'descr': '<f4\n\n', 'fortran_order': False, 'shape': (2,), }", "'<f4\\u000A\\u000A'")]
    [InlineData("{'descr': __import__('os'), }", "expected the type in quotes")]
    [InlineData("{'descr': '<f4", "ends within the type")]
    [InlineData("{'descr'", "its end at character")]
    [InlineData("{} {}", "goes on after the dictionary")]
    [InlineData("", "its end at character 0, expected '{'")]
    [InlineData("[1, 2]", "expected '{'")]
    public void A_wrong_header_is_refused(string header, string expected)
    {
        foreach (byte version in new byte[] { 1, 2, 3 })
            HostileInput.AssertRefused(() => NpyFile.Read(_folder.Write("a.npy", Make(version, header, 8))), expected);
    }

    [Theory]
    [InlineData("{'descr':'<f4','fortran_order':False,'shape':(2,)}")]
    [InlineData("{ \"shape\" : (2L , ) ,\n\"fortran_order\" : True , \"descr\" : \"<f4\" , }   ")]
    public void Other_spellings_of_the_same_literal_are_read(string header) =>
        Assert.Equal([0f, 0f], NpyFile.Read(_folder.Write("a.npy", Make(1, header, 8))).Values);

    [Fact]
    public void More_than_sixty_four_dimensions_are_refused()
    {
        string ones = string.Concat(Enumerable.Repeat("1, ", 65));
        string header = $"{{'descr': '<f4', 'fortran_order': False, 'shape': ({ones}), }}";
        HostileInput.AssertRefused(() => NpyFile.Read(_folder.Write("a.npy", Make(1, header, 4))), "more than 64 dimensions");
    }

    [Fact]
    public void A_file_cut_anywhere_is_refused()
    {
        byte[] whole = File.ReadAllBytes(NpyFileTests.Golden("float32_2x3x4"));
        for (int length = 0; length < whole.Length; length++)
            HostileInput.AssertRefused(() => NpyFile.Read(_folder.Write("a.npy", whole[..length])), "a.npy'");
    }

    [Fact]
    public void A_header_of_gigabytes_is_refused_without_memory()
    {
        byte[] bytes = Make(2, "{}", 8);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), uint.MaxValue);
        HostileInput.AssertRefused(() => NpyFile.Read(_folder.Write("a.npy", bytes)), "4294967295 bytes, expected at most 10000");
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(4, 0)]
    [InlineData(1, 1)]
    public void Other_versions_are_refused(byte major, byte minor)
    {
        byte[] bytes = Make(1, "{}", 8);
        (bytes[6], bytes[7]) = (major, minor);
        HostileInput.AssertRefused(() => NpyFile.Read(_folder.Write("a.npy", bytes)), $"version {major}.{minor}");
    }

    [Fact]
    public void Other_files_are_named()
    {
        HostileInput.AssertRefused(() => NpyFile.Read(_folder.Write("a", [])), "an empty file");
        HostileInput.AssertRefused(() => NpyFile.Read(_folder.Write("a", [.. "PK\u0003\u0004"u8])), "a zip archive");
        HostileInput.AssertRefused(() => NpyFile.Read(_folder.Write("a", [1, 2, 3])), "something unknown");
        HostileInput.AssertRefused(() => NpyFile.Read(_folder["missing"]), "there is no such file");
        HostileInput.AssertRefused(() => NpyFile.Read(_folder.Path), "it is a folder");
    }

    [Theory]
    [InlineData("float32_2x3x4", 1)]
    [InlineData("fortran_2x3x4", 2)]
    [InlineData("version3_2", 3)]
    public void Changed_files_are_read_or_refused(string golden, ulong seed)
    {
        byte[] whole = File.ReadAllBytes(NpyFileTests.Golden(golden));
        Assert.InRange(HostileInput.Mutate(whole, 75, _folder["a.npy"], path => NpyFile.Read(path), seed, rounds: 3000), 1000, 2999);
    }

    private static byte[] Make(byte version, string header, int dataLength)
    {
        byte[] text = Encoding.Latin1.GetBytes(header);
        byte[] length = version == 1 ? new byte[2] : new byte[4];
        length[0] = (byte)text.Length;
        length[1] = (byte)(text.Length >> 8);
        return [0x93, .. "NUMPY"u8, version, 0, .. length, .. text, .. new byte[dataLength]];
    }
}
