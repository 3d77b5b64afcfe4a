using System.Collections.Immutable;

namespace EfficientNetSharp.Imaging.Alignment;

/// <summary>
/// The five points that faces are aligned by. Left and right are those of the image, as MTCNN and RetinaFace have them: the left eye is the
/// one further left, the person's right one.
/// </summary>
/// <param name="LeftEye">The centre of the eye on the image's left.</param>
/// <param name="RightEye">The centre of the eye on the image's right.</param>
/// <param name="Nose">The tip of the nose.</param>
/// <param name="MouthLeft">The corner of the mouth on the image's left.</param>
/// <param name="MouthRight">The corner of the mouth on the image's right.</param>
public sealed record FaceLandmarks(ImagePoint LeftEye, ImagePoint RightEye, ImagePoint Nose, ImagePoint MouthLeft, ImagePoint MouthRight)
{
    /// <summary>The points in the order of the parameters, which is that of the files of detectors.</summary>
    public ImmutableArray<ImagePoint> Points => [LeftEye, RightEye, Nose, MouthLeft, MouthRight];

    /// <summary>The landmarks with left and right exchanged, where whoever named them meant the person's sides.</summary>
    public FaceLandmarks Exchanged => new(RightEye, LeftEye, Nose, MouthRight, MouthLeft);

    /// <summary>Five points in the order of <see cref="Points"/>.</summary>
    /// <exception cref="ArgumentException">There are not five.</exception>
    public static FaceLandmarks Of(ReadOnlySpan<ImagePoint> points) => points.Length == 5
        ? new FaceLandmarks(points[0], points[1], points[2], points[3], points[4])
        : throw new ArgumentException($"Five points are expected, not {points.Length}.", nameof(points));
}
