using EfficientNetSharp.Formats.Protobuf;
using EfficientNetSharp.Tests.Files;

namespace EfficientNetSharp.Formats.Tests.Protobuf;

/// <summary>Messages from the description of the wire format (protobuf.dev/programming-guides/encoding), and damaged ones.</summary>
public sealed class ProtoReaderTests
{
    [Fact]
    public void The_fields_of_the_description_are_read()
    {
        // 1: 150; 2: "testing"; 3: a message of 1: 150; 6: packed 3, 270, 86942; then fixed64 and fixed32 fields.
        byte[] bytes =
        [
            0x08, 0x96, 0x01, 0x12, 7, .. "testing"u8, 0x1a, 3, 0x08, 0x96, 0x01, 0x32, 6, 3, 0x8e, 2, 0x9e, 0xa7, 5,
            0x39, 1, 2, 3, 4, 5, 6, 7, 8, 0x45, 0, 0, 0xc0, 0x3f,
        ];
        var source = Source(bytes);
        var fields = ProtoReader.ReadFields(source, 0, bytes.Length).ToList();
        Assert.Equal([1, 2, 3, 6, 7, 8], fields.Select(field => field.Number));
        Assert.Equal(150ul, fields[0].Value);
        Assert.Equal("testing", ProtoReader.ReadText(source, fields[1]));
        Assert.Equal(150ul, Assert.Single(ProtoReader.ReadFields(source, fields[2].Start, fields[2].Length)).Value);
        Assert.Equal([3L, 270, 86942], ProtoReader.ReadIntegers(source, fields[3]));
        Assert.Equal([150L], ProtoReader.ReadIntegers(source, fields[0]));
        Assert.Equal(0x0807060504030201ul, fields[4].Value);
        Assert.Equal(1.5f, fields[5].AsFloat());
    }

    [Fact]
    public void A_negative_number_has_ten_bytes() =>
        Assert.Equal(-2L, (long)ProtoReader.ReadVarint(Source([0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1])));

    [Theory]
    [InlineData("0896", "ends early")]
    [InlineData("08ffffffffffffffffffff01", "over ten bytes")]
    [InlineData("12ff01", "ends within a protobuf field")]
    [InlineData("12ffffffffffffffffff01", "ends within a protobuf field")]
    [InlineData("0001", "no valid number")]
    [InlineData("0b", "type 3")]
    [InlineData("390102", "ends early")]
    public void Damage_is_refused(string hex, string expected)
    {
        byte[] bytes = Convert.FromHexString(hex);
        HostileInput.AssertRefused(() => Walk(Source(bytes), 0, bytes.Length), expected);
    }

    [Fact]
    public void A_field_may_not_reach_beyond_its_message()
    {
        byte[] bytes = [0x0a, 3, 0x12, 4, 1, 2, 3, 4];
        var source = Source(bytes);
        HostileInput.AssertRefused(() => Walk(source, 2, 3), "beyond its message");
    }

    private static void Walk(ByteSource source, long start, long length)
    {
        foreach (var _ in ProtoReader.ReadFields(source, start, length))
        {
        }
    }

    private static ByteSource Source(byte[] bytes) => new(new MemoryStream(bytes), "a.bin", "message");
}
