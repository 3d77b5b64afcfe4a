using EfficientNetSharp.Formats.TensorFlow;

namespace EfficientNetSharp.Formats.Tests.TensorFlow;

public sealed class RecordFramingTests
{
    // RFC 3720, appendix B.4, and the check value of the catalogues of checksums.
    [Fact]
    public void Checksums_are_those_of_the_standard()
    {
        Assert.Equal(0x8A9136AAu, Crc32C.Append(0, new byte[32]));
        Assert.Equal(0x62A8AB43u, Crc32C.Append(0, [.. Enumerable.Repeat((byte)0xFF, 32)]));
        Assert.Equal(0x46DD794Eu, Crc32C.Append(0, [.. Enumerable.Range(0, 32).Select(i => (byte)i)]));
        Assert.Equal(0x113FDB5Cu, Crc32C.Append(0, [.. Enumerable.Range(0, 32).Select(i => (byte)(31 - i))]));
        Assert.Equal(0xE3069283u, Crc32C.Append(0, "123456789"u8));
    }

    [Fact]
    public void A_checksum_of_parts_is_that_of_the_whole() => Gen.Byte.Array[0, 100].Select(Gen.Int[0, 100]).Sample((bytes, cut) =>
    {
        cut = Math.Min(cut, bytes.Length);
        Assert.Equal(Crc32C.Append(0, bytes), Crc32C.Append(Crc32C.Append(0, bytes.AsSpan(0, cut)), bytes.AsSpan(cut)));
    });

    [Fact]
    public void Frames_are_read_as_they_were_written_and_no_byte_may_change()
    {
        byte[] record = "a record"u8.ToArray(), framed = RecordFraming.Frame(record);
        Assert.Equal(record, framed[RecordFraming.HeaderBytes..^RecordFraming.TrailerBytes]);
        Assert.True(IsWhole(framed));
        for (int i = 0; i < framed.Length; i++)
        {
            framed[i] ^= 4;
            Assert.False(IsWhole(framed));
            framed[i] ^= 4;
        }
    }

    private static bool IsWhole(byte[] framed) =>
        RecordFraming.ReadLength(framed) == (ulong)(framed.Length - RecordFraming.HeaderBytes - RecordFraming.TrailerBytes)
        && RecordFraming.HasItsChecksum(framed.AsSpan(RecordFraming.HeaderBytes));
}
