namespace EfficientNetSharp.Imaging.Alignment;

/// <summary>
/// A point in an image, as detectors give landmarks: the centre of the pixel in column x and row y, both from 0, is (x, y).
/// </summary>
/// <param name="X">From the left, in pixels.</param>
/// <param name="Y">From the top, in pixels.</param>
public readonly record struct ImagePoint(double X, double Y);
