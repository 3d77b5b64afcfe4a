using EfficientNetSharp.Imaging;
using EfficientNetSharp.Imaging.Transforms;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Prediction.ActivationMaps;

/// <summary>The part of an image that the network sees, large enough to be looked at.</summary>
public static class NetworkView
{
    // Small networks see so few pixels that nobody recognises them; 448 is twice the usual input.
    private const int ShortestSide = 448;

    // The most that the imaging room resizes to.
    private const int LongestSide = 8192;

    /// <summary>Renders an image file as the network's crop, its pixels 1, 2, 3 … times as fine as the network's.</summary>
    /// <param name="preprocessing">The model's.</param>
    /// <param name="encoded">The bytes of an image file.</param>
    /// <param name="name">What to call the image in errors, usually its path.</param>
    /// <exception cref="InvalidInputException">The image is broken, empty or refused; the message names it.</exception>
    public static Image Render(Preprocessing preprocessing, ReadOnlySpan<byte> encoded, string name)
    {
        ArgumentNullException.ThrowIfNull(preprocessing);
        int shorter = Math.Min(preprocessing.Height, preprocessing.Width),
            longest = Math.Max(preprocessing.ResizeTo, Math.Max(preprocessing.Height, preprocessing.Width));
        int times = Math.Max(1, Math.Min((ShortestSide + shorter - 1) / shorter, LongestSide / longest));
        // All lengths of the rule grow alike, so the same part of the image is shown.
        return new EvaluationTransform(preprocessing with
        {
            Height = times * preprocessing.Height,
            Width = times * preprocessing.Width,
            ResizeTo = times * preprocessing.ResizeTo,
        }).Render(encoded, name);
    }
}
