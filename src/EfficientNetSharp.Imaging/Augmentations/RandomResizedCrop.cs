using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>
/// Draws the part of a picture that a training step sees (Szegedy et al. 2015, in torchvision's form): an area uniform in the scale range
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

    /// <summary>Draws a rectangle within a picture.</summary>
    /// <param name="picture">Size of the picture.</param>
    /// <param name="random">The picture's own stream of random numbers.</param>
    public PixelRectangle Draw(PictureSize picture, ref SeededRandom random)
    {
        double area = (double)picture.Width * picture.Height;
        double logMinimum = Math.Log(_options.MinRatio), logMaximum = Math.Log(_options.MaxRatio);
        for (int i = 0; i < Tries; i++)
        {
            double target = area * random.NextDouble(_options.MinScale, _options.MaxScale);
            double ratio = Math.Exp(random.NextDouble(logMinimum, logMaximum));
            // Halves round to even, as Python's round does.
            double width = Math.Round(Math.Sqrt(target * ratio), MidpointRounding.ToEven);
            double height = Math.Round(Math.Sqrt(target / ratio), MidpointRounding.ToEven);
            if (width < 1 || width > picture.Width || height < 1 || height > picture.Height) continue;

            int top = random.NextInt(picture.Height - (int)height + 1), left = random.NextInt(picture.Width - (int)width + 1);
            return new PixelRectangle(left, top, (int)width, (int)height);
        }

        return Central(picture);
    }

    /// <summary>The largest central part with proportions in range.</summary>
    internal PixelRectangle Central(PictureSize picture)
    {
        double ratio = (double)picture.Width / picture.Height;
        int width = picture.Width, height = picture.Height;
        if (ratio < _options.MinRatio) height = Side(width / _options.MinRatio, height);
        else if (ratio > _options.MaxRatio) width = Side(height * _options.MaxRatio, width);
        return new PixelRectangle((picture.Width - width) / 2, (picture.Height - height) / 2, width, height);
    }

    /// <summary>Ratio ranges far from 1 meet pictures one pixel thin: at least one pixel is kept.</summary>
    private static int Side(double exact, int most) => (int)Math.Clamp(Math.Round(exact, MidpointRounding.ToEven), 1, most);
}
