namespace EfficientNetSharp.Imaging.Alignment;

/// <summary>
/// Brings a face to where networks for faces expect it: the similarity transform from its landmarks to the template, read bilinearly,
/// black where the image does not reach. The same for training, enrolment and serving, since embeddings suffer from any difference.
/// </summary>
public static class FaceAligner
{
    // A landmark farther than so many sides from the image is a slip, as one in another image's pixels.
    private const double MaxSidesAway = 1;

    /// <summary>The usual side of an aligned face in pixels.</summary>
    public const int DefaultSide = 112;

    /// <summary>Aligns a face.</summary>
    /// <param name="image">The image.</param>
    /// <param name="landmarks">The face's landmarks in the image's pixels.</param>
    /// <param name="side">The result's side: a multiple of 112 or 128.</param>
    /// <returns>A new image.</returns>
    /// <exception cref="InvalidInputException">
    /// The landmarks are mirrored, at one place, or far outside of the image; or the side is no multiple of 112 or 128.
    /// </exception>
    public static Image Align(Image image, FaceLandmarks landmarks, int side = DefaultSide)
    {
        ArgumentNullException.ThrowIfNull(image);
        return SimilarityWarp.Apply(image, TransformOf(image.Size, landmarks, side), side, side);
    }

    /// <summary>The transform that <see cref="Align"/> carries out: from the image's pixels to the aligned one's.</summary>
    /// <param name="size">The image's size.</param>
    /// <param name="landmarks">The face's landmarks in the image's pixels.</param>
    /// <param name="side">The result's side: a multiple of 112 or 128.</param>
    /// <exception cref="InvalidInputException">As <see cref="Align"/>.</exception>
    public static SimilarityTransform TransformOf(ImageSize size, FaceLandmarks landmarks, int side = DefaultSide)
    {
        ArgumentNullException.ThrowIfNull(landmarks);
        var template = AlignmentTemplate.OfSize(side).Points.AsSpan();
        var points = landmarks.Points.AsSpan();
        foreach (var point in points)
        {
            if (!IsNear(point.X, size.Width) || !IsNear(point.Y, size.Height))
            {
                throw new InvalidInputException(
                    $"Expected landmarks in an image of {size}, found ({NumberText.Of(point.X)}, {NumberText.Of(point.Y)}); " +
                    "give those of this image, in its pixels.");
            }
        }

        var transform = SimilarityTransform.Fit(points, template);
        if (SimilarityTransform.IsMirrored(points, template))
        {
            throw new InvalidInputException(
                "Expected left and right as the image has them, found them exchanged; exchange the eyes and the corners of the mouth.");
        }

        return transform;
    }

    // Also refuses NaN.
    private static bool IsNear(double coordinate, int length) =>
        coordinate >= -MaxSidesAway * length && coordinate <= (1 + MaxSidesAway) * length;
}
