using EfficientNetSharp.Imaging;
using EfficientNetSharp.Recognition.Enrolment;

namespace EfficientNetSharp.Recognition.Tests.Enrolment;

/// <summary>The rules of docs/gallery.md, a case for each cell of its table.</summary>
public sealed class ReviewTests
{
    private const double Limit = 0.6;

    [Theory]
    // Size of the shorter side where the network sees 112, and contrast of 255.
    [InlineData(ReviewMode.Off, 1, 0, null)]
    [InlineData(ReviewMode.Standard, 27, 40, RejectionReason.Tiny)]
    [InlineData(ReviewMode.Standard, 28, 40, null)]
    [InlineData(ReviewMode.Strict, 55, 40, RejectionReason.Tiny)]
    [InlineData(ReviewMode.Strict, 56, 40, null)]
    [InlineData(ReviewMode.Standard, 112, 3.9, RejectionReason.Blank)]
    [InlineData(ReviewMode.Standard, 112, 4, null)]
    [InlineData(ReviewMode.Strict, 112, 7.9, RejectionReason.Blank)]
    public void Images(ReviewMode mode, int side, double contrast, RejectionReason? expected)
    {
        var image = new EmbeddedImage(new ImageBytes("a.png", default), new ImageSize(200, side), contrast, new float[] { 1 }, null);
        Assert.Equal(expected, new Review(mode, Limit, 112).OfImage(image)?.Reason);
        Assert.Equal(RejectionReason.Unreadable, new Review(mode, Limit, 112).OfImage(image with { Error = "It is no image." })?.Reason);
    }

    [Theory]
    // Cosines with its own and with another identity; below zero for none.
    [InlineData(ReviewMode.Off, -1, 0.99, null)]
    [InlineData(ReviewMode.Standard, -1, 0.6, null)]
    [InlineData(ReviewMode.Standard, -1, 0.61, RejectionReason.TooCloseToAnother)]
    [InlineData(ReviewMode.Standard, 0.7, 0.65, null)]
    [InlineData(ReviewMode.Standard, 0.65, 0.7, RejectionReason.TooCloseToAnother)]
    [InlineData(ReviewMode.Standard, 0.3, 0.4, RejectionReason.FarFromItsOwn)]
    [InlineData(ReviewMode.Standard, 0.3, 0.2, null)]
    [InlineData(ReviewMode.Strict, 0.7, 0.65, RejectionReason.TooCloseToAnother)]
    [InlineData(ReviewMode.Strict, 0.3, 0.2, RejectionReason.FarFromItsOwn)]
    [InlineData(ReviewMode.Strict, 0.9999, 0.2, RejectionReason.Duplicate)]
    [InlineData(ReviewMode.Standard, 0.9999, 0.2, null)]
    [InlineData(ReviewMode.Strict, 0.7, -1, null)]
    public void Neighbours(ReviewMode mode, double own, double other, RejectionReason? expected) =>
        Assert.Equal(expected, new Review(mode, Limit, 112).OfNeighbours(Known(own), Other(other))?.Reason);

    [Theory]
    // Without a threshold cosines are only compared with each other.
    [InlineData(-1, 0.99, null)]
    [InlineData(0.5, 0.6, RejectionReason.FarFromItsOwn)]
    [InlineData(0.6, 0.5, null)]
    public void Neighbours_without_a_threshold(double own, double other, RejectionReason? expected)
    {
        Assert.Equal(expected, new Review(ReviewMode.Standard, null, 112).OfNeighbours(Known(own), Other(other))?.Reason);
        Assert.Equal(expected, new Review(ReviewMode.Strict, null, 112).OfNeighbours(Known(own), Other(other))?.Reason);
    }

    [Fact]
    public void Files()
    {
        Assert.Equal(RejectionReason.Duplicate, new Review(ReviewMode.Standard, null, 1).OfFile("a", ["a", "b"])?.Reason);
        Assert.Null(new Review(ReviewMode.Standard, null, 1).OfFile("a", ["a"]));
        Assert.Null(new Review(ReviewMode.Off, null, 1).OfFile("a", ["b"]));
    }

    private static double? Known(double cosine) => cosine < 0 ? null : cosine;

    private static (string, double)? Other(double cosine) => cosine < 0 ? null : ("other", cosine);
}
