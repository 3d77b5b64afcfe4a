using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Models.Safetensors;
using EfficientNetSharp.Tests.Files;

namespace EfficientNetSharp.Tests.Models;

/// <summary>Reading and writing; the golden file is made by make_goldens.py without any safetensors library.</summary>
public sealed class SafetensorsFileTests : IDisposable
{
    private const string UnicodeName = "stages.0 \"größe\" 😀";

    private static readonly Gen<ElementType> WholeByteTypes =
        Gen.Enum<ElementType>().Where(type => type.BitCount() % 8 == 0);

    // Texts of any planes, without halves of surrogate pairs, which no file can hold.
    private static readonly Gen<string> Texts =
        Gen.OneOf(Gen.Int[0, 0xD7FF], Gen.Int[0xE000, 0x10FFFF], Gen.Int[0, 0x7F]).Array[0, 12]
            .Select(runes => string.Concat(runes.Select(char.ConvertFromUtf32)));

    private readonly TemporaryFolder _folder = new();

    public static string Golden => Path.Combine(AppContext.BaseDirectory, "Models", "Goldens", "small.safetensors");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_of_another_writer_is_read()
    {
        using var file = SafetensorsFile.Open(Golden);
        Assert.Equal(["long", "double", "empty", "scalar", UnicodeName, "brain", "half", "bytes", "flags"],
            file.Tensors.Select(tensor => tensor.Name));
        Assert.Equal(new Dictionary<string, string> { ["format"] = "test", ["line"] = "a \"b\"\n" }, file.Metadata);

        Assert.Equal([1 / 3f, float.PositiveInfinity, -0f], file.ReadFloat32("double"));
        Assert.Equal([0, 3], file.Find("empty")!.Shape);
        Assert.Empty(file.ReadFloat32("empty"));
        Assert.Empty(file.Find("scalar")!.Shape);
        Assert.Equal([3.25f], file.ReadFloat32("scalar"));
        Assert.Equal([1, -2, 0.1f, float.NaN], file.ReadFloat32(UnicodeName));
        Assert.Equal([0.333251953125f, -2.5f, 65504, 5.960464477539063e-08f, 0, float.PositiveInfinity], file.ReadFloat32("half"));
        Assert.Equal([0.333984375f, -2.5f, 3.00405527047391e+38f, 9.183549615799121e-41f, 0, float.NegativeInfinity],
            file.ReadFloat32("brain"));

        Assert.Equal(ElementType.I8, file.Find("bytes")!.Type);
        Assert.Equal([0x80, 0, 0x7F], file.ReadBytes("bytes"));
        Assert.Equal([0, 1], file.ReadBytes("flags"));
        Assert.Equal(long.MaxValue, BinaryPrimitives.ReadInt64LittleEndian(file.ReadBytes("long").AsSpan(8)));
        Assert.Null(file.Find("other"));
    }

    [Fact]
    public void The_writer_gives_the_same_bytes_as_another_one()
    {
        using (var file = SafetensorsFile.Open(Golden))
        {
            var entries = file.Tensors.Reverse()
                .Select(tensor => SafetensorsEntry.FromBytes(tensor.Name, tensor.Type, tensor.Shape, file.ReadBytes(tensor.Name)));
            SafetensorsWriter.Write(_folder["a"], file.Metadata, entries);
        }

        Assert.Equal(File.ReadAllBytes(Golden), File.ReadAllBytes(_folder["a"]));
    }

    [Fact]
    public void An_empty_file_is_the_reference_implementations()
    {
        SafetensorsWriter.Write(_folder["a"], ImmutableDictionary<string, string>.Empty, []);
        Assert.Equal([8, 0, 0, 0, 0, 0, 0, 0, .. "{}      "u8], File.ReadAllBytes(_folder["a"]));
        using var file = SafetensorsFile.Open(_folder["a"]);
        Assert.Empty(file.Tensors);
        Assert.Empty(file.Metadata);
    }

    [Fact]
    public void Any_tensors_names_and_metadata_come_back_as_they_were()
    {
        var shapes = Gen.Int[0, 4].Array[0, 5];
        var entries = Gen.Select(WholeByteTypes, shapes).SelectMany((type, shape) =>
            Gen.Byte.Array[shape.Aggregate(type.BitCount() / 8, (a, b) => a * b)]
                .Select(bytes => (Type: type, Shape: shape, Bytes: bytes)));
        Gen.Select(Gen.Dictionary(Texts.Where(name => name != "__metadata__"), entries)[0, 8], Gen.Dictionary(Texts, Texts)[0, 4])
            .Sample(
                (tensors, metadata) =>
                {
                    SafetensorsWriter.Write(
                        _folder["a"], metadata,
                        tensors.Select(pair => SafetensorsEntry.FromBytes(pair.Key, pair.Value.Type, [.. pair.Value.Shape],
                        pair.Value.Bytes)));
                    using var file = SafetensorsFile.Open(_folder["a"]);
                    Assert.Equal(metadata, file.Metadata);
                    Assert.Equal(tensors.Count, file.Tensors.Length);
                    foreach (var (name, (type, shape, bytes)) in tensors)
                    {
                        Assert.Equal(type, file.Find(name)!.Type);
                        Assert.Equal(shape, file.Find(name)!.Shape);
                        Assert.Equal(bytes, file.ReadBytes(name));
                    }

                    // Aligned to eight bytes, as the format's readers like it.
                    Assert.Equal(0, BinaryPrimitives.ReadInt64LittleEndian(File.ReadAllBytes(_folder["a"])) % 8);
                },
                threads: 1);
    }

    [Fact]
    public void Any_floats_come_back_bit_by_bit() =>
        Gen.Single.Array[0, 100].Sample(
            values =>
            {
                SafetensorsWriter.Write(_folder["a"], ImmutableDictionary<string, string>.Empty,
                    [SafetensorsEntry.FromFloats("x", [values.Length], values)]);
                using var file = SafetensorsFile.Open(_folder["a"]);
                Assert.Equal(values.Select(BitConverter.SingleToUInt32Bits), file.ReadFloat32("x").Select(BitConverter.SingleToUInt32Bits));
            },
            threads: 1);

    [Fact]
    public void Long_tensors_are_converted_whole()
    {
        // More than one chunk of the reader, and not a multiple of it.
        var halves = Enumerable.Range(0, 300_001).Select(i => (Half)(i % 2049)).ToArray();
        byte[] bytes = new byte[halves.Length * 2];
        for (int i = 0; i < halves.Length; i++) BinaryPrimitives.WriteHalfLittleEndian(bytes.AsSpan(2 * i), halves[i]);
        SafetensorsWriter.Write(_folder["a"], ImmutableDictionary<string, string>.Empty,
            [SafetensorsEntry.FromBytes("x", ElementType.F16, [halves.Length], bytes)]);
        using var file = SafetensorsFile.Open(_folder["a"]);
        Assert.Equal(halves.Select(half => (float)half), file.ReadFloat32("x"));
    }

    [Fact]
    public void Tensors_beyond_two_gibibytes_are_found()
    {
        // The large tensor is a hole in the file, which takes no room on disk.
        const int large = 0x7FF0_0000;
        long start = (2L * large) + sizeof(float);
        string header = $$"""{"a":{"dtype":"U8","shape":[2,{{large}}],"data_offsets":[0,{{2L * large}}]},"b":{"dtype":"F32","shape":[1],"data_offsets":[{{2L * large}},{{start}}]} }""";
        byte[] json = Encoding.UTF8.GetBytes(header);
        using (var handle = File.OpenHandle(_folder["a"], FileMode.CreateNew, FileAccess.Write))
        {
            byte[] length = new byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
            RandomAccess.Write(handle, [.. length, .. json], 0);
            RandomAccess.Write(handle, BitConverter.GetBytes(1.5f), 8 + json.Length + (2L * large));
        }

        using var file = SafetensorsFile.Open(_folder["a"]);
        Assert.Equal([1.5f], file.ReadFloat32("b"));
        HostileInput.AssertRefused(() => file.ReadBytes("a"), "can be held in memory");
    }

    [Theory]
    [InlineData("bytes", "I8")]
    [InlineData("long", "I64")]
    [InlineData("flags", "BOOL")]
    [InlineData("other", "no tensor 'other'")]
    public void Only_floats_are_read_as_floats(string name, string expected)
    {
        using var file = SafetensorsFile.Open(Golden);
        HostileInput.AssertRefused(() => file.ReadFloat32(name), expected);
    }

    [Fact]
    public void A_file_that_gets_shorter_while_open_is_refused()
    {
        using var file = SafetensorsFile.Open(_folder.Write("a", File.ReadAllBytes(Golden)));
        TemporaryFolder.Overwrite(_folder["a"], File.ReadAllBytes(Golden)[..^90]);
        HostileInput.AssertRefused(() => file.ReadFloat32("half"), "ends early");
        HostileInput.AssertRefused(() => file.ReadBytes("flags"), "ends early");
    }

    [Fact]
    public void What_no_file_can_hold_is_a_programmers_error()
    {
        Assert.Throws<ArgumentException>(() => SafetensorsEntry.FromFloats("x", [2], new float[3]));
        Assert.Throws<ArgumentException>(() => SafetensorsEntry.FromFloats("x", [-1, -1], new float[1]));
        Assert.Throws<ArgumentException>(() => SafetensorsEntry.FromFloats("x", default, new float[1]));
        Assert.Throws<ArgumentException>(() => SafetensorsEntry.FromFloats("__metadata__", [1], new float[1]));
        Assert.Throws<ArgumentException>(() => SafetensorsEntry.FromBytes("x", ElementType.F4, [3], new byte[2]));
        var x = SafetensorsEntry.FromFloats("x", [1], new float[1]);
        Assert.Throws<ArgumentException>(() => SafetensorsWriter.Write(_folder["a"], ImmutableDictionary<string, string>.Empty, [x, x]));
        var half = SafetensorsEntry.FromFloats("\ud800", [1], new float[1]);
        Assert.ThrowsAny<ArgumentException>(() => SafetensorsWriter.Write(_folder["a"], ImmutableDictionary<string, string>.Empty, [half]));
        Assert.ThrowsAny<ArgumentException>(
            () => SafetensorsWriter.Write(_folder["a"], new Dictionary<string, string> { ["k"] = "\udc00" }, []));
        Assert.Throws<ArgumentException>(
            () => SafetensorsWriter.Write(_folder["a"], new Dictionary<string, string> { ["k"] = new('x', 100_000_000) }, []));
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }
}
