using System.Numerics;

namespace EfficientNetSharp.Training.Torch.Functions;

/// <summary>
/// Numbers as integers hold them: y = scale · (clamp(round(x / scale) + zero, min, max) − zero), and its gradients. Rounding is passed
/// through as if it were not there, what is cut off has none, and the scale learns as in LSQ (Esser et al. 2020, eq. 3), by its logarithm:
/// dy / d ln(scale) = y − x inside the range, y outside.
/// </summary>
internal static unsafe class RoundingFunction
{
    // Sums in 32 bits stay exact enough over so many; longer ones are added up in 64.
    private const int Block = 4096;

    /// <summary>Rounds.</summary>
    /// <param name="x">The numbers.</param>
    /// <param name="y">Where they go; may be <paramref name="x"/>.</param>
    /// <param name="count">How many.</param>
    /// <param name="grid">What the integers hold.</param>
    public static void Forward(float* x, float* y, nint count, RoundingGrid grid)
    {
        var (scale, low, high) = (new Vector<float>(grid.Scale), new Vector<float>(grid.Low), new Vector<float>(grid.High));
        nint i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
            Vector.Store(Vector.Min(Vector.Max(Vector.Round(Vector.Load(x + i) / scale), low), high) * scale, y + i);
        for (; i < count; i++) y[i] = Math.Min(Math.Max(MathF.Round(x[i] / grid.Scale), grid.Low), grid.High) * grid.Scale;
    }

    /// <summary>Makes the gradient of the result that of the numbers.</summary>
    /// <param name="x">The numbers.</param>
    /// <param name="gradient">The gradient, changed in place.</param>
    /// <param name="count">How many.</param>
    /// <param name="grid">What the integers hold.</param>
    /// <returns>The gradient of the scale's logarithm.</returns>
    public static double Backward(float* x, float* gradient, nint count, RoundingGrid grid)
    {
        double sum = 0;
        for (nint start = 0; start < count; start += Block)
            sum += BackwardBlock(x + start, gradient + start, (int)Math.Min(Block, count - start), grid);
        return sum;
    }

    private static double BackwardBlock(float* x, float* gradient, int count, RoundingGrid grid)
    {
        var (scale, low, high) = (new Vector<float>(grid.Scale), new Vector<float>(grid.Low), new Vector<float>(grid.High));
        var sums = Vector<float>.Zero;
        int i = 0;
        for (; i <= count - Vector<float>.Count; i += Vector<float>.Count)
        {
            var (number, given) = (Vector.Load(x + i), Vector.Load(gradient + i));
            var rounded = Vector.Round(number / scale);
            var isInside = Vector.GreaterThanOrEqual(rounded, low) & Vector.LessThanOrEqual(rounded, high);
            var held = Vector.Min(Vector.Max(rounded, low), high) * scale;
            sums += given * (held - Vector.ConditionalSelect(isInside, number, Vector<float>.Zero));
            Vector.Store(Vector.ConditionalSelect(isInside, given, Vector<float>.Zero), gradient + i);
        }

        double sum = Vector.Sum(sums);
        for (; i < count; i++)
        {
            float rounded = MathF.Round(x[i] / grid.Scale), given = gradient[i];
            bool isInside = rounded >= grid.Low && rounded <= grid.High;
            float held = Math.Min(Math.Max(rounded, grid.Low), grid.High) * grid.Scale;
            sum += given * (held - (isInside ? x[i] : 0));
            if (!isInside) gradient[i] = 0;
        }

        return sum;
    }
}

/// <summary>The numbers that integers hold: multiples of a step from the lowest to the highest.</summary>
/// <param name="Scale">The step.</param>
/// <param name="Low">Steps of the lowest: the lowest integer less the one that stands for 0.</param>
/// <param name="High">Steps of the highest.</param>
internal readonly record struct RoundingGrid(float Scale, float Low, float High);
