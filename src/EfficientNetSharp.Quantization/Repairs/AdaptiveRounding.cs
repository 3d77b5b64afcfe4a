using System.Numerics;

namespace EfficientNetSharp.Quantization.Repairs;

/// <summary>
/// Chooses for each weight whether it is rounded down or up, so that the layer's outputs, not its weights, are nearest to the float
/// layer's: the objective of AdaRound (Nagel et al. 2020, equation 20), E‖Wx − Ŵx̂‖², where x̂ are the inputs that the quantized network
/// yields.
/// </summary>
/// <remarks>
/// The objective is quadratic in Ŵ and needs the inputs' covariance alone, so images are not kept. AdaRound relaxes the choice and trains
/// it by gradient; here single weights are turned to their other neighbour as long as that lowers the objective (coordinate descent), each
/// output channel by itself. Means are left out: <see cref="BiasCorrection"/> sets them.
/// </remarks>
internal static class AdaptiveRounding
{
    // Descent ends by itself, mostly after five to ten rounds.
    private const int MaxRounds = 50;

    /// <summary>Chooses the integers of a group's kernels.</summary>
    /// <param name="weights">The float kernels, [rows, length].</param>
    /// <param name="length">Weights of an output channel.</param>
    /// <param name="rounding">Scale and bounds of each row.</param>
    /// <param name="inputs">How the inputs vary.</param>
    /// <returns>The integers without the zero point, [rows, length].</returns>
    public static int[] Solve(float[] weights, int length, IReadOnlyList<RowRounding> rounding, PatchCovariance inputs)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(inputs);
        int rows = weights.Length / length;
        var (covariance, mixed) = inputs.Result();
        Shrink(covariance, mixed, length, inputs.Count);
        int[] integers = new int[weights.Length];
        float[] rounded = new float[weights.Length];
        for (int i = 0; i < weights.Length; i++)
        {
            var rule = rounding[i / length];
            integers[i] = (int)Math.Clamp(Math.Round(weights[i] / (double)rule.Scale), rule.Min, rule.Max);
            rounded[i] = integers[i] * rule.Scale;
        }

        // Half the objective's gradient: Ŵ·E[x̂x̂ᵀ] − W·E[x x̂ᵀ].
        float[] gradient = PatchCovariance.Products(rounded, rows, covariance, length, length);
        float[] wanted = PatchCovariance.Products(weights, rows, mixed, length, length);
        for (int i = 0; i < gradient.Length; i++) gradient[i] -= wanted[i];
        Parallel.For(0, rows, row => Descend(
            weights.AsSpan(row * length, length), integers.AsSpan(row * length, length), gradient.AsSpan(row * length, length), covariance,
            rounding[row]));
        return integers;
    }

    private static void Descend(
        ReadOnlySpan<float> weights, Span<int> integers, Span<float> gradient, ReadOnlySpan<float> covariance, RowRounding rule)
    {
        int length = weights.Length;
        for (int round = 0, turned = 1; round < MaxRounds && turned > 0; round++)
        {
            turned = 0;
            for (int k = 0; k < length; k++)
            {
                int down = (int)Math.Floor(weights[k] / (double)rule.Scale);
                int other = integers[k] == down ? down + 1 : down;
                if (other < rule.Min || other > rule.Max || Math.Abs(integers[k] - (weights[k] / (double)rule.Scale)) < 1e-6) continue;
                float step = (other - integers[k]) * rule.Scale, own = covariance[(k * length) + k];
                float change = step * ((2 * gradient[k]) + (step * own));
                // What float32 does not tell from nothing could go to and fro.
                if (change >= -1e-6f * step * step * own || own == 0) continue;
                integers[k] = other;
                turned++;
                AddScaled(gradient, covariance.Slice(k * length, length), step);
            }
        }
    }

    // Few patches say little of how inputs vary together, and are not to be learned by heart: the fewer there are for the numbers of a
    // patch, the more each weight counts by itself, as in rounding to the nearest.
    private static void Shrink(float[] covariance, float[] mixed, int length, int patches)
    {
        float share = (float)length / (length + patches);
        float mean = 0;
        for (int k = 0; k < length; k++) mean += covariance[(k * length) + k] / length;
        for (int a = 0; a < length; a++)
        for (int b = 0; b < length; b++)
        {
            int at = (a * length) + b;
            float own = a == b ? covariance[at] + (1e-4f * mean) : 0;
            covariance[at] = ((1 - share) * covariance[at]) + (share * own);
            mixed[at] = ((1 - share) * mixed[at]) + (share * own);
        }
    }

    private static void AddScaled(Span<float> sums, ReadOnlySpan<float> values, float factor)
    {
        int i = 0;
        var factors = new Vector<float>(factor);
        for (; i <= sums.Length - Vector<float>.Count; i += Vector<float>.Count)
            (new Vector<float>(sums[i..]) + (factors * new Vector<float>(values[i..]))).CopyTo(sums[i..]);
        for (; i < sums.Length; i++) sums[i] += factor * values[i];
    }
}

/// <summary>How the weights of an output channel are rounded.</summary>
/// <param name="Scale">What a step is worth.</param>
/// <param name="Min">The lowest integer, the zero point taken off.</param>
/// <param name="Max">The highest.</param>
internal readonly record struct RowRounding(float Scale, int Min, int Max);
