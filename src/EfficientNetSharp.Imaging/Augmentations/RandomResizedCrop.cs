using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>
/// Draws the part of an image that a training step sees (Szegedy et al. 2015, in torchvision's form): an area uniform in the scale range
/// and proportions log-uniform in the ratio range, ten tries to fit it; then the largest central part with proportions in range.
/// </summary>
public sealed class RandomResizedCrop
{
    /// <summary>As torchvision and the TPU code's <c>max_attempts</c>.</summary>
    private const int Tries = 10;

    private readonly AugmentationOptions _options;

    /// <summary>Uses the scale and ratio ranges.</summary>
    /// <exception cref="InvalidInputException">A range is wrong; the message says which.</exception>
    public RandomResizedCrop(AugmentationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        _options = options;
    }

    /// <summary>Draws a rectangle within an image.</summary>
    /// <param name="image">Size of the image.</param>
    /// <param name="random">The image's own stream of random numbers.</param>
    public PixelRectangle Draw(ImageSize image, ref SeededRandom random)
    {
        double area = (double)image.Width * image.Height;
        double logMinimum = Math.Log(_options.MinRatio), logMaximum = Math.Log(_options.MaxRatio);
        for (int i = 0; i < Tries; i++)
        {
            double target = area * random.NextDouble(_options.MinScale, _options.MaxScale);
            double ratio = Math.Exp(random.NextDouble(logMinimum, logMaximum));
            // Halves round to even, as Python's round does.
            double width = Math.Round(Math.Sqrt(target * ratio), MidpointRounding.ToEven);
            double height = Math.Round(Math.Sqrt(target / ratio), MidpointRounding.ToEven);
            if (width < 1 || width > image.Width || height < 1 || height > image.Height) continue;

            int top = random.NextInt(image.Height - (int)height + 1), left = random.NextInt(image.Width - (int)width + 1);
            return new PixelRectangle(left, top, (int)width, (int)height);
        }

        return Central(image);
    }

    /// <summary>The largest central part with proportions in range.</summary>
    internal PixelRectangle Central(ImageSize image)
    {
        double ratio = (double)image.Width / image.Height;
        int width = image.Width, height = image.Height;
        if (ratio < _options.MinRatio) height = Side(width / _options.MinRatio, height);
        else if (ratio > _options.MaxRatio) width = Side(height * _options.MaxRatio, width);
        return new PixelRectangle((image.Width - width) / 2, (image.Height - height) / 2, width, height);
    }

    /// <summary>Ratio ranges far from 1 meet images one pixel thin: at least one pixel is kept.</summary>
    private static int Side(double exact, int max) => (int)Math.Clamp(Math.Round(exact, MidpointRounding.ToEven), 1, max);
}
