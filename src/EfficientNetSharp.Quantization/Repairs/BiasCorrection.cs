namespace EfficientNetSharp.Quantization.Repairs;

/// <summary>
/// Sets a layer's bias so that its outputs have the float layer's means: rounding shifts them, and networks are far more sensitive to a
/// shift of all pixels than to noise (Nagel et al. 2019, section 4.2; empirical, each layer with the inputs that corrected layers before it
/// yield).
/// </summary>
/// <remarks>
/// A few images whose values are beyond the ranges are shifted far more than all others, and a plain mean would shift the others for them.
/// So what is taken is the mean over images without the outermost fifths.
/// </remarks>
internal static class BiasCorrection
{
    // A fifth at either end: what outliers cannot move, and still most of the images.
    private const int Trimmed = 5;

    /// <summary>The corrected bias.</summary>
    /// <param name="bias">The float layer's.</param>
    /// <param name="weights">Its kernels, [outputs, length].</param>
    /// <param name="rounded">The numbers that the integer kernels stand for.</param>
    /// <param name="groups">Groups of channels.</param>
    /// <param name="means">For each image the mean patch of the float and of the quantized network, group after group.</param>
    public static float[] Correct(
        float[] bias, float[] weights, float[] rounded, int groups, IReadOnlyList<(double[] Floats, double[] Rounded)> means)
    {
        ArgumentNullException.ThrowIfNull(bias);
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(rounded);
        ArgumentNullException.ThrowIfNull(means);
        int length = weights.Length / bias.Length;
        float[] corrected = new float[bias.Length];
        Parallel.For(0, bias.Length, () => new double[means.Count], (output, _, shifts) =>
        {
            int first = output / (bias.Length / groups) * length;
            for (int image = 0; image < shifts.Length; image++)
            {
                var (floats, integers) = means[image];
                double shift = 0;
                for (int k = 0; k < length; k++)
                {
                    int at = (output * length) + k;
                    shift += (weights[at] * floats[first + k]) - (rounded[at] * integers[first + k]);
                }

                shifts[image] = shift;
            }

            corrected[output] = (float)(bias[output] + TrimmedMean(shifts));
            return shifts;
        }, _ => { });
        return corrected;
    }

    private static double TrimmedMean(double[] values)
    {
        Array.Sort(values);
        int left = values.Length / Trimmed;
        double sum = 0;
        for (int i = left; i < values.Length - left; i++) sum += values[i];
        return sum / (values.Length - (2 * left));
    }
}
