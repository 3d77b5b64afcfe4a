using System.Numerics;

namespace EfficientNetSharp.Training.Probing;

/// <summary>When a minimisation ends.</summary>
/// <param name="MaxIterations">Steps at most.</param>
/// <param name="GradientTolerance">The gradient's largest entry at which the minimum counts as reached.</param>
/// <param name="DecreaseTolerance">Share of the value that a step has to take off for another to be worth it.</param>
internal readonly record struct LbfgsOptions(int MaxIterations, double GradientTolerance, double DecreaseTolerance);

/// <summary>
/// Minimises a smooth function by its gradient: limited-memory BFGS (Nocedal and Wright, Numerical Optimization, algorithm 7.4) with a line
/// search for the weak Wolfe conditions by bisection (Lewis and Overton 2013), under which each pair that is remembered has a positive
/// product, so that directions go downhill.
/// </summary>
internal static class Lbfgs
{
    // The usual memory; scikit-learn's and SciPy's default.
    private const int Memory = 10;

    // The usual constants of the Wolfe conditions (Nocedal and Wright, §3.1).
    private const double SufficientDecrease = 1e-4, Curvature = 0.9;

    private const int MaxBisections = 40;

    /// <summary>The value at a point; the gradient there is written out.</summary>
    public delegate double Objective(ReadOnlySpan<double> point, Span<double> gradient);

    /// <summary>Moves a point to a minimum.</summary>
    /// <param name="point">Where to start; where it ended.</param>
    /// <param name="objective">What to minimise.</param>
    /// <param name="options">When to end.</param>
    /// <returns>The value at the end.</returns>
    public static double Minimize(double[] point, Objective objective, LbfgsOptions options)
    {
        int length = point.Length;
        double[] gradient = new double[length], direction = new double[length], next = new double[length], nextGradient = new double[length];
        var pairs = new Queue<Pair>(Memory);
        double value = objective(point, gradient);
        for (int i = 0; i < options.MaxIterations && Largest(gradient) > options.GradientTolerance; i++)
        {
            Direct(gradient, pairs, direction);
            double slope = Dot(gradient, direction);
            // Without a memory nothing tells the scale of a step; one of the length 1 is what the first is tried with.
            double first = pairs.Count > 0 ? 1 : Math.Min(1, 1 / Math.Sqrt(Dot(gradient, gradient)));
            if (!(slope < 0) || !Search(point, value, slope, direction, first, objective, next, nextGradient, out double nextValue)) break;
            Remember(pairs, point, gradient, next, nextGradient);
            double decrease = value - nextValue;
            next.CopyTo(point, 0);
            (gradient, nextGradient, value) = (nextGradient, gradient, nextValue);
            if (decrease <= options.DecreaseTolerance * Math.Max(1, Math.Abs(value))) break;
        }

        return value;
    }

    // The two loops of algorithm 7.4: the product of the remembered inverse curvature with the gradient, downhill.
    private static void Direct(double[] gradient, Queue<Pair> pairs, double[] direction)
    {
        for (int i = 0; i < direction.Length; i++) direction[i] = -gradient[i];
        var newestFirst = pairs.Reverse().ToArray();
        Span<double> shares = stackalloc double[newestFirst.Length];
        for (int i = 0; i < newestFirst.Length; i++)
        {
            var pair = newestFirst[i];
            shares[i] = Dot(pair.Step, direction) / pair.Product;
            AddScaled(direction, pair.Change, -shares[i]);
        }

        if (newestFirst.Length > 0)
        {
            var newest = newestFirst[0];
            double scale = newest.Product / Dot(newest.Change, newest.Change);
            for (int i = 0; i < direction.Length; i++) direction[i] *= scale;
        }

        for (int i = newestFirst.Length - 1; i >= 0; i--)
        {
            var pair = newestFirst[i];
            AddScaled(direction, pair.Step, shares[i] - (Dot(pair.Change, direction) / pair.Product));
        }
    }

    private static bool Search(
        double[] point, double value, double slope, double[] direction, double first, Objective objective, double[] next,
        double[] nextGradient, out double nextValue)
    {
        double low = 0, high = double.PositiveInfinity, length = first;
        nextValue = value;
        for (int i = 0; i < MaxBisections; i++)
        {
            for (int j = 0; j < point.Length; j++) next[j] = point[j] + (length * direction[j]);
            nextValue = objective(next, nextGradient);
            if (!(nextValue <= value + (SufficientDecrease * length * slope))) high = length;
            else if (Dot(nextGradient, direction) < Curvature * slope) low = length;
            else return true;
            length = double.IsInfinity(high) ? 2 * low : (low + high) / 2;
        }

        // Where rounding hides the decrease there is nothing more to gain.
        return nextValue < value;
    }

    private static void Remember(Queue<Pair> pairs, double[] point, double[] gradient, double[] next, double[] nextGradient)
    {
        double[] step = new double[point.Length], change = new double[point.Length];
        for (int i = 0; i < step.Length; i++) (step[i], change[i]) = (next[i] - point[i], nextGradient[i] - gradient[i]);
        double product = Dot(step, change);
        if (!(product > 0)) return;
        if (pairs.Count == Memory) pairs.Dequeue();
        pairs.Enqueue(new Pair(step, change, product));
    }

    private static double Dot(double[] a, double[] b)
    {
        var sums = Vector<double>.Zero;
        int i = 0;
        for (; i <= a.Length - Vector<double>.Count; i += Vector<double>.Count) sums += new Vector<double>(a, i) * new Vector<double>(b, i);
        double sum = Vector.Sum(sums);
        for (; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }

    private static double Largest(double[] values)
    {
        double largest = 0;
        foreach (double value in values) largest = Math.Max(largest, Math.Abs(value));
        return largest;
    }

    private static void AddScaled(double[] values, double[] addend, double factor)
    {
        int i = 0;
        for (; i <= values.Length - Vector<double>.Count; i += Vector<double>.Count)
            (new Vector<double>(values, i) + (factor * new Vector<double>(addend, i))).CopyTo(values, i);
        for (; i < values.Length; i++) values[i] += factor * addend[i];
    }

    // A step, the change of the gradient over it, and their product.
    private sealed record Pair(double[] Step, double[] Change, double Product);
}
