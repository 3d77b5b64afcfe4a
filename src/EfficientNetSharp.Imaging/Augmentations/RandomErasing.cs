using EfficientNetSharp.Graphs;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>
/// Random erasing (Zhong et al. 2017) as timm has it: rectangles of the network's input, after normalisation, get other values. Areas are
/// uniform in their range, aspects log-uniform; a rectangle that does not fit is tried again.
/// </summary>
internal sealed class RandomErasing
{
    /// <summary>As timm's loop.</summary>
    private const int Tries = 10;

    private readonly RandomErasingOptions _options;

    /// <summary>Takes the options.</summary>
    /// <exception cref="InvalidInputException">A value is out of its range; the message names it.</exception>
    public RandomErasing(RandomErasingOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        _options = options;
    }

    /// <summary>Draws and covers rectangles of one image.</summary>
    /// <param name="values">Normalised values [C,H,W], changed in place.</param>
    /// <param name="shape">Their shape.</param>
    /// <param name="random">The image's own stream of random numbers.</param>
    public void Apply(Span<float> values, TensorShape shape, ref SeededRandom random)
    {
        if (values.Length != shape.Count)
            throw new ArgumentException($"{shape} are {shape.Count} values, not {values.Length}.", nameof(values));
        if (_options.Probability == 0 || random.NextDouble() >= _options.Probability) return;
        int count = _options.MaxRectangles == 1 ? 1 : 1 + random.NextInt(_options.MaxRectangles);
        for (int i = 0; i < count; i++)
        {
            if (Draw(shape.Width, shape.Height, count, ref random) is { } rectangle) Erase(values, shape, rectangle, ref random);
        }
    }

    /// <summary>Draws a rectangle; <see langword="null"/> when none of the tries fits.</summary>
    /// <param name="width">Columns of the image.</param>
    /// <param name="height">Rows of the image.</param>
    /// <param name="count">Rectangles that share the area.</param>
    /// <param name="random">The image's own stream of random numbers.</param>
    internal PixelRectangle? Draw(int width, int height, int count, ref SeededRandom random)
    {
        double logAspect = Math.Log(_options.MinAspect);
        for (int i = 0; i < Tries; i++)
        {
            double area = random.NextDouble(_options.MinArea, _options.MaxArea) * width * height / count;
            double aspect = Math.Exp(random.NextDouble(logAspect, -logAspect));
            int rows = (int)Math.Round(Math.Sqrt(area * aspect), MidpointRounding.ToEven);
            int columns = (int)Math.Round(Math.Sqrt(area / aspect), MidpointRounding.ToEven);
            if (columns >= width || rows >= height) continue;
            int top = random.NextInt(height - rows + 1), left = random.NextInt(width - columns + 1);
            return new PixelRectangle(left, top, columns, rows);
        }

        return null;
    }

    private void Erase(Span<float> values, TensorShape shape, PixelRectangle rectangle, ref SeededRandom random)
    {
        for (int c = 0; c < shape.Channels; c++)
        {
            float color = _options.Mode == ErasingMode.RandomColor ? (float)random.NextGaussian() : 0;
            for (int y = rectangle.Top; y < rectangle.Bottom; y++)
            {
                var row = values.Slice((((c * shape.Height) + y) * shape.Width) + rectangle.Left, rectangle.Width);
                row.Fill(color);
                if (_options.Mode != ErasingMode.RandomPixels) continue;
                foreach (ref float value in row) value = (float)random.NextGaussian();
            }
        }
    }
}
