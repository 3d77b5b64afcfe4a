using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>
/// torchvision's <c>ColorJitter</c>: brightness, contrast, saturation and hue, each by a factor uniform in its range, in random order. With
/// all four off nothing is drawn.
/// </summary>
internal sealed class ColorJitter : IAugmentation
{
    private readonly double _brightness, _contrast, _saturation, _hue;
    private readonly bool _isOn;

    /// <summary>Takes the four ranges; each is 0 for off.</summary>
    /// <param name="brightness">Brightness is multiplied by max(0, 1 − brightness) … 1 + brightness; at most 255.</param>
    /// <param name="contrast">Contrast alike.</param>
    /// <param name="saturation">Saturation alike.</param>
    /// <param name="hue">Hue turns by −hue … hue of a full circle; at most 0.5.</param>
    /// <exception cref="InvalidInputException">A range is wrong; the message says which.</exception>
    public ColorJitter(double brightness, double contrast, double saturation, double hue)
    {
        AugmentationChecks.Range(brightness, "Brightness", AugmentationRanges.Jitter);
        AugmentationChecks.Range(contrast, "Contrast", AugmentationRanges.Jitter);
        AugmentationChecks.Range(saturation, "Saturation", AugmentationRanges.Jitter);
        AugmentationChecks.Range(hue, "Hue", 0, 0.5);
        (_brightness, _contrast, _saturation, _hue) = (brightness, contrast, saturation, hue);
        _isOn = brightness > 0 || contrast > 0 || saturation > 0 || hue > 0;
    }

    /// <inheritdoc />
    public void Apply(Image image, ref SeededRandom random)
    {
        if (!_isOn) return;
        Span<int> order = [0, 1, 2, 3];
        random.Shuffle(order);
        // All four are drawn, whichever are on, so that switching one off leaves the others' draws as they are.
        Span<double> factors =
        [
            Factor(_brightness, ref random),
            Factor(_contrast, ref random),
            Factor(_saturation, ref random),
            random.NextDouble(-_hue, _hue),
        ];
        foreach (int which in order)
        {
            switch (which)
            {
                case 0 when _brightness > 0:
                    Brightness.Adjust(image, factors[0]);
                    break;
                case 1 when _contrast > 0:
                    Contrast.Adjust(image, factors[1]);
                    break;
                case 2 when _saturation > 0:
                    Saturation.Adjust(image, factors[2]);
                    break;
                case 3 when _hue > 0:
                    Hue.Adjust(image, factors[3]);
                    break;
            }
        }
    }

    private static double Factor(double range, ref SeededRandom random) => random.NextDouble(Math.Max(0, 1 - range), 1 + range);
}
