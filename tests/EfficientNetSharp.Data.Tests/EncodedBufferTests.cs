namespace EfficientNetSharp.Data.Tests;

public sealed class EncodedBufferTests
{
    [Fact]
    public void It_holds_what_was_written_last_whatever_the_lengths()
    {
        Gen.Int[0, 900_000].Array[1, 6].Sample(
            lengths =>
            {
                var buffer = new EncodedBuffer();
                foreach (int length in lengths)
                {
                    byte[] bytes = new byte[length];
                    for (int i = 0; i < length; i++) bytes[i] = (byte)(i * 31 + length);
                    buffer.Write(bytes);
                    Assert.True(buffer.Bytes.SequenceEqual(bytes));
                }
            },
            iter: 30);
    }

    [Fact]
    public void Reading_images_of_known_size_again_makes_no_garbage()
    {
        var buffer = new EncodedBuffer();
        buffer.Resize(1_000_000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++) buffer.Resize(i * 1000);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void A_source_shorter_than_it_said_is_truncated()
    {
        var buffer = new EncodedBuffer();
        buffer.Write([1, 2, 3]);
        buffer.Truncate(2);
        Assert.Equal([1, 2], buffer.Bytes.ToArray());
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Truncate(3));
    }
}
