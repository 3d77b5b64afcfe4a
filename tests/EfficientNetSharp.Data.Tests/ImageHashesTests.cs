namespace EfficientNetSharp.Data.Tests;

public sealed class ImageHashesTests
{
    [Fact]
    public void Images_are_found_by_their_content_wherever_they_lie()
    {
        Gen.Select(Gen.Byte.Array[0, 40].Array[0, 30], Gen.Byte.Array[0, 40].Array[0, 30]).Sample(
            (learned, others) =>
            {
                var hashes = ImageHashes.Of(Of("a", learned))!;
                var read = ImageHashes.Parse(hashes.ToString());
                byte[][] mixed = [.. others, .. learned];
                var expected = Enumerable.Range(0, mixed.Length).Where(i => learned.Any(one => one.SequenceEqual(mixed[i])));
                Assert.Equal(expected, read.FindIn(Of("b", mixed)));
                Assert.Equal(hashes.Count, read.Count);
            },
            iter: 100);
    }

    [Fact]
    public void The_text_does_not_depend_on_the_order()
    {
        byte[][] images = [[1], [2, 3], [4]];
        Assert.Equal(ImageHashes.Of(Of("a", images))!.ToString(), ImageHashes.Of(Of("a", [.. images.Reverse()]))!.ToString());
        Assert.Equal(3 * 8, ImageHashes.Of(Of("a", images))!.ToString().Length);
        Assert.Equal("", ImageHashes.Of(Of("a", []))!.ToString());
    }

    [Theory]
    [InlineData("abc")]
    [InlineData("abcd!fgh")]
    public void Damaged_text_is_refused(string text) => Assert.Throws<InvalidInputException>(() => ImageHashes.Parse(text));

    private static InMemoryDataset Of(string prefix, byte[][] images) =>
        new(["class"], images.Select((bytes, i) => new InMemoryImage($"{prefix}/{i}", 0, bytes)));
}
