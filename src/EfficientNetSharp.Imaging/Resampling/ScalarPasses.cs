namespace EfficientNetSharp.Imaging.Resampling;

/// <summary>
/// The two passes in their textbook form: for every output value a sum of products, rounded and clipped to a byte. This is what the
/// vector forms are tested against, and what runs where there are none.
/// </summary>
internal static class ScalarPasses
{
    /// <summary>Resamples rows: output row r, column x is the weighted sum along input row <paramref name="firstRow"/> + r.</summary>
    /// <param name="source">The input.</param>
    /// <param name="weights">Weights of the columns.</param>
    /// <param name="firstRow">First input row.</param>
    /// <param name="rows">How many rows.</param>
    /// <param name="output">Receives the rows.</param>
    /// <param name="outputStride">Bytes from output row to output row.</param>
    internal static void Horizontal(SourceRegion source, AxisWeights weights, int firstRow, int rows, Span<byte> output, int outputStride)
    {
        for (int r = 0; r < rows; r++)
        {
            int row = source.RowOffset(firstRow + r);
            for (int x = 0; x < weights.Outputs; x++)
            {
                int from = row + (weights.Starts[x] * Image.BytesPerPixel);
                int to = (r * outputStride) + (x * Image.BytesPerPixel);
                Sum(source.Pixels, from, Image.BytesPerPixel, weights, x, output, to);
            }
        }
    }

    /// <summary>Resamples columns: output row y is the weighted sum of input rows.</summary>
    /// <param name="source">The input; its rows are as long as the output's.</param>
    /// <param name="weights">Weights of the rows.</param>
    /// <param name="columns">Pixels in a row.</param>
    /// <param name="output">Receives the rows, one behind the other.</param>
    internal static void Vertical(SourceRegion source, AxisWeights weights, int columns, Span<byte> output)
    {
        for (int y = 0; y < weights.Outputs; y++)
        {
            int row = source.RowOffset(weights.Starts[y]);
            for (int x = 0; x < columns; x++)
            {
                int to = ((y * columns) + x) * Image.BytesPerPixel;
                Sum(source.Pixels, row + (x * Image.BytesPerPixel), source.Stride, weights, y, output, to);
            }
        }
    }

    /// <summary>One output pixel from inputs <paramref name="step"/> bytes apart.</summary>
    private static void Sum(ReadOnlySpan<byte> pixels, int from, int step, AxisWeights weights, int index, Span<byte> output, int to)
    {
        var row = weights.Weights.Slice(index * weights.Taps, weights.Counts[index]);
        for (int channel = 0; channel < Image.BytesPerPixel; channel++)
        {
            int sum = 1 << (AxisWeights.Precision - 1);
            for (int t = 0; t < row.Length; t++) sum += pixels[from + (t * step) + channel] * row[t];
            output[to + channel] = (byte)Math.Clamp(sum >> AxisWeights.Precision, byte.MinValue, byte.MaxValue);
        }
    }
}
