using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>
/// Draws the part of an image that a training step sees (Szegedy et al. 2015, in torchvision's form): an area uniform in the scale range
/// and proportions log-uniform in the ratio range, ten tries to fit it; then the largest central part with proportions in range.
/// </summary>
internal sealed class RandomResizedCrop
{
    /// <summary>As torchvision and the TPU code's <c>max_attempts</c>.</summary>
    private const int Tries = 10;

    private readonly double _minScale, _maxScale, _minRatio, _maxRatio;

    /// <summary>Takes the ranges.</summary>
    /// <param name="minScale">Smallest share of the image's area that a crop covers, at least 0.0001.</param>
    /// <param name="maxScale">Largest share of the image's area that a crop covers, at most 1.</param>
    /// <param name="minRatio">Smallest width / height of a crop, at least 0.001.</param>
    /// <param name="maxRatio">Largest width / height of a crop, at most 1000.</param>
    /// <exception cref="InvalidInputException">A range is wrong; the message says which.</exception>
    public RandomResizedCrop(double minScale, double maxScale, double minRatio, double maxRatio)
    {
        AugmentationChecks.Range(minScale, "MinScale", AugmentationRanges.CropScale with { Max = maxScale });
        AugmentationChecks.Range(maxScale, "MaxScale", AugmentationRanges.CropScale with { Min = minScale });
        AugmentationChecks.Range(minRatio, "MinRatio", 0.001, maxRatio);
        AugmentationChecks.Range(maxRatio, "MaxRatio", minRatio, 1000);
        (_minScale, _maxScale, _minRatio, _maxRatio) = (minScale, maxScale, minRatio, maxRatio);
    }

    /// <summary>Draws a rectangle within an image.</summary>
    /// <param name="image">Size of the image.</param>
    /// <param name="random">The image's own stream of random numbers.</param>
    public PixelRectangle Draw(ImageSize image, ref SeededRandom random)
    {
        double area = (double)image.Width * image.Height;
        double logMinimum = Math.Log(_minRatio), logMaximum = Math.Log(_maxRatio);
        for (int i = 0; i < Tries; i++)
        {
            double target = area * random.NextDouble(_minScale, _maxScale);
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
        if (ratio < _minRatio) height = Side(width / _minRatio, height);
        else if (ratio > _maxRatio) width = Side(height * _maxRatio, width);
        return new PixelRectangle((image.Width - width) / 2, (image.Height - height) / 2, width, height);
    }

    /// <summary>Ratio ranges far from 1 meet images one pixel thin: at least one pixel is kept.</summary>
    private static int Side(double exact, int max) => (int)Math.Clamp(Math.Round(exact, MidpointRounding.ToEven), 1, max);
}
