using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>
/// torchvision's <c>ColorJitter</c>: brightness, contrast, saturation and hue, each by a factor uniform in its range, in random order. With
/// all four off nothing is drawn.
/// </summary>
public sealed class ColorJitter : IAugmentation
{
    private readonly AugmentationOptions _options;
    private readonly bool _isOn;

    /// <summary>Uses the four jitter ranges.</summary>
    /// <exception cref="InvalidInputException">A range is wrong; the message says which.</exception>
    public ColorJitter(AugmentationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        _options = options;
        _isOn = options.Brightness > 0 || options.Contrast > 0 || options.Saturation > 0 || options.Hue > 0;
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
            Factor(_options.Brightness, ref random),
            Factor(_options.Contrast, ref random),
            Factor(_options.Saturation, ref random),
            random.NextDouble(-_options.Hue, _options.Hue),
        ];
        foreach (int which in order)
        {
            switch (which)
            {
                case 0 when _options.Brightness > 0:
                    Brightness.Adjust(image, factors[0]);
                    break;
                case 1 when _options.Contrast > 0:
                    Contrast.Adjust(image, factors[1]);
                    break;
                case 2 when _options.Saturation > 0:
                    Saturation.Adjust(image, factors[2]);
                    break;
                case 3 when _options.Hue > 0:
                    Hue.Adjust(image, factors[3]);
                    break;
            }
        }
    }

    private static double Factor(double range, ref SeededRandom random) => random.NextDouble(Math.Max(0, 1 - range), 1 + range);
}
