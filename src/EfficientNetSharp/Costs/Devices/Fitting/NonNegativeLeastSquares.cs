namespace EfficientNetSharp.Costs.Devices.Fitting;

/// <summary>
/// Least squares with unknowns that are 0 or more, by the active sets of Lawson and Hanson (Solving Least Squares Problems, 1974,
/// chapter 23).
/// </summary>
public static class NonNegativeLeastSquares
{
    // A column of which less than this share is left beside the chosen ones says nothing new.
    private const double Dependent = 1e-9;

    /// <summary>Finds the x ≥ 0 that makes ‖A·x − b‖ smallest.</summary>
    /// <param name="rows">A, row by row; all of one length.</param>
    /// <param name="right">b, as long as A has rows.</param>
    /// <returns>x; where several are as good, one with as many zeros as possible.</returns>
    /// <exception cref="ArgumentException">The lengths do not fit, or a number is not finite.</exception>
    public static double[] Solve(IReadOnlyList<double[]> rows, IReadOnlyList<double> right)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(right);
        if (rows.Count != right.Count) throw new ArgumentException($"{rows.Count} rows have {right.Count} right sides.", nameof(right));
        int unknowns = rows.Count == 0 ? 0 : rows[0].Length;
        if (rows.Any(row => row.Length != unknowns)) throw new ArgumentException("The rows differ in length.", nameof(rows));
        if (rows.Any(row => !row.All(double.IsFinite)) || !right.All(double.IsFinite))
            throw new ArgumentException("A number is not finite.", nameof(rows));

        // Columns of length 1, so that what is small does not depend on units.
        double[] lengths = [.. Enumerable.Range(0, unknowns).Select(column => Math.Sqrt(rows.Sum(row => row[column] * row[column])))];
        double[][] columns = [.. Enumerable.Range(0, unknowns).Select(column =>
            rows.Select(row => lengths[column] > 0 ? row[column] / lengths[column] : 0).ToArray())];
        double[] b = [.. right];
        double size = Math.Sqrt(b.Sum(value => value * value));

        var x = new double[unknowns];
        var passive = new List<int>();
        var refused = new HashSet<int>();
        // Each round but those that refuse a column lowers the error, so there are finitely many; the bound is a guard.
        for (int round = 0; round < 100 * (unknowns + 1); round++)
        {
            double[] residual = Residual(columns, x, b);
            int best = -1;
            double gain = 1e-12 * size;
            for (int column = 0; column < unknowns; column++)
            {
                if (lengths[column] == 0 || passive.Contains(column) || refused.Contains(column)) continue;
                double slope = Dot(columns[column], residual);
                if (slope > gain) (best, gain) = (column, slope);
            }

            if (best < 0) break;
            passive.Add(best);
            if (!TryFit(columns, passive, b, out double[] fitted) || fitted[^1] <= 0)
            {
                passive.Remove(best);
                refused.Add(best);
                continue;
            }

            refused.Clear();
            while (fitted.Any(value => value <= 0))
            {
                // As far towards the fit as nothing becomes negative; what reaches 0 leaves.
                double step = passive.Select((column, i) => fitted[i] <= 0 ? x[column] / (x[column] - fitted[i]) : 1).Min();
                for (int i = 0; i < passive.Count; i++) x[passive[i]] += step * (fitted[i] - x[passive[i]]);
                int limiting = passive.Where((_, i) => fitted[i] <= 0).MinBy(column => x[column]);
                foreach (int column in passive.Where(column => column == limiting || x[column] <= 0).ToArray())
                {
                    x[column] = 0;
                    passive.Remove(column);
                }

                TryFit(columns, passive, b, out fitted);
            }

            for (int i = 0; i < passive.Count; i++) x[passive[i]] = fitted[i];
        }

        for (int column = 0; column < unknowns; column++)
        {
            if (lengths[column] > 0) x[column] /= lengths[column];
        }

        return x;
    }

    // Unbounded least squares on some columns, by orthogonalising them one after the other, twice for accuracy.
    private static bool TryFit(double[][] columns, List<int> chosen, double[] b, out double[] fitted)
    {
        int count = chosen.Count;
        var basis = new double[count][];
        var triangle = new double[count, count];
        fitted = new double[count];
        for (int j = 0; j < count; j++)
        {
            double[] rest = [.. columns[chosen[j]]];
            for (int pass = 0; pass < 2; pass++)
            {
                for (int i = 0; i < j; i++)
                {
                    double share = Dot(basis[i], rest);
                    triangle[i, j] += share;
                    for (int row = 0; row < rest.Length; row++) rest[row] -= share * basis[i][row];
                }
            }

            double length = Math.Sqrt(Dot(rest, rest));
            if (length < Dependent) return false;
            triangle[j, j] = length;
            for (int row = 0; row < rest.Length; row++) rest[row] /= length;
            basis[j] = rest;
        }

        for (int j = count - 1; j >= 0; j--)
        {
            double value = Dot(basis[j], b);
            for (int k = j + 1; k < count; k++) value -= triangle[j, k] * fitted[k];
            fitted[j] = value / triangle[j, j];
        }

        return true;
    }

    private static double[] Residual(double[][] columns, double[] x, double[] b)
    {
        double[] residual = [.. b];
        for (int column = 0; column < x.Length; column++)
        {
            if (x[column] == 0) continue;
            for (int row = 0; row < b.Length; row++) residual[row] -= columns[column][row] * x[column];
        }

        return residual;
    }

    private static double Dot(double[] a, double[] b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }
}
