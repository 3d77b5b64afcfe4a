namespace EfficientNetSharp.Quantization.Repairs;

/// <summary>
/// Sets a layer's bias so that its outputs lie where the float layer's do: rounding shifts them, and networks are far more sensitive to a
/// shift of all pixels than to noise (Nagel et al. 2019, section 4.2; empirical, each layer with the inputs that corrected layers before it
/// yield).
/// </summary>
/// <remarks>
/// Ranges cut off rare high values, which a plain mean would make up for by raising all others: on an EfficientNetV2-B0 that lost ten
/// decibels. So what is taken is the mean of the differences at single places without the outermost fifths.
/// </remarks>
internal sealed class BiasCorrection
{
    // A fifth at either end: what outliers cannot move, and still most of the places.
    private const int Trimmed = 5;

    private readonly float[] _weights, _rounded;
    private readonly int _outputs, _groups, _length;
    private readonly List<float>[] _differences;

    /// <summary>Takes a layer.</summary>
    /// <param name="weights">The float layer's kernels, [outputs, length].</param>
    /// <param name="rounded">The numbers that the integer kernels stand for.</param>
    /// <param name="outputs">Output channels.</param>
    /// <param name="groups">Groups of channels.</param>
    public BiasCorrection(float[] weights, float[] rounded, int outputs, int groups) =>
        (_weights, _rounded, _outputs, _groups, _length, _differences) =
            (weights, rounded, outputs, groups, weights.Length / outputs, [.. Enumerable.Range(0, outputs).Select(_ => new List<float>())]);

    /// <summary>Takes what a group's kernels are multiplied with at some places.</summary>
    /// <param name="group">The group.</param>
    /// <param name="floats">Patches of the float network, [count, length].</param>
    /// <param name="rounded">Those of the quantized network.</param>
    /// <param name="count">How many.</param>
    public void Add(int group, float[] floats, float[] rounded, int count)
    {
        int rows = _outputs / _groups, first = group * rows;
        float[] wanted = Products(_weights, floats), found = Products(_rounded, rounded);
        for (int i = 0; i < count; i++)
            for (int row = 0; row < rows; row++) _differences[first + row].Add(wanted[(i * rows) + row] - found[(i * rows) + row]);

        float[] Products(float[] kernels, float[] patches)
        {
            if (rows > 1) return PatchCovariance.Products(patches, count, kernels.AsSpan(first * _length, rows * _length).ToArray(), rows, _length);
            // A depthwise convolution: a kernel that is too small to be packed.
            float[] products = new float[count];
            for (int i = 0; i < count; i++)
                for (int k = 0; k < _length; k++) products[i] += kernels[(first * _length) + k] * patches[(i * _length) + k];
            return products;
        }
    }

    /// <summary>The corrected bias.</summary>
    /// <param name="bias">The float layer's.</param>
    public float[] Correct(float[] bias)
    {
        ArgumentNullException.ThrowIfNull(bias);
        return [.. bias.Select((value, output) => (float)(value + TrimmedMean(_differences[output])))];
    }

    private static double TrimmedMean(List<float> values)
    {
        if (values.Count == 0) return 0;
        values.Sort();
        int left = values.Count / Trimmed;
        double sum = 0;
        for (int i = left; i < values.Count - left; i++) sum += values[i];
        return sum / (values.Count - (2 * left));
    }
}
