using System.Collections.Immutable;

namespace EfficientNetSharp.Imaging.Alignment;

/// <summary>Where the landmarks of an aligned face lie: the template of ArcFace (insightface, <c>face_align.py</c>).</summary>
public static class AlignmentTemplate
{
    private const int Side = 112, WideSide = 128;

    // A face of 112 pixels within 128 lies 8 from each side.
    private const double WideShift = 8;

    /// <summary>The points in an image of 112 × 112 pixels.</summary>
    public static FaceLandmarks Of112 { get; } = new(
        new(38.2946, 51.6963), new(73.5318, 51.5014), new(56.0252, 71.7366), new(41.5493, 92.3655), new(70.7299, 92.2041));

    /// <summary>
    /// The points in a square image: those of 112 scaled where the side is a multiple of 112, else with the margin of 128 where it is a
    /// multiple of that, which moves them to the right by 8 pixels of 128 and, as in insightface, not down.
    /// </summary>
    /// <param name="side">Pixels of a side.</param>
    /// <exception cref="InvalidInputException">The side is a multiple of neither.</exception>
    public static FaceLandmarks OfSize(int side)
    {
        if (side >= Side && side % Side == 0) return Scaled((double)side / Side, 0);
        if (side >= WideSide && side % WideSide == 0) return Scaled((double)side / WideSide, WideShift);
        throw new InvalidInputException(
            $"Expected an aligned size that is a multiple of {Side} or {WideSide} pixels, as 112, 128, 224 or 256, found {side}.");
    }

    private static FaceLandmarks Scaled(double ratio, double shift) => FaceLandmarks.Of(
        ImmutableArray.CreateRange(Of112.Points, point => new ImagePoint((point.X + shift) * ratio, point.Y * ratio)).AsSpan());
}
