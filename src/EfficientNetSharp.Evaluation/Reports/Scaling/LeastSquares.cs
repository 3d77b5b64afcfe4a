namespace EfficientNetSharp.Evaluation.Reports.Scaling;

/// <summary>Linear regression of a few coefficients.</summary>
internal static class LeastSquares
{
    /// <summary>The coefficients that miss the values least, by the normal equations.</summary>
    /// <param name="rows">The terms of each value.</param>
    /// <param name="values">The values.</param>
    /// <exception cref="InvalidInputException">The rows do not determine the coefficients.</exception>
    public static double[] Fit(double[][] rows, double[] values)
    {
        int count = rows[0].Length;
        var system = new double[count][];
        for (int i = 0; i < count; i++)
        {
            system[i] = new double[count + 1];
            for (int j = 0; j < count; j++) system[i][j] = rows.Sum(row => row[i] * row[j]);
            system[i][count] = rows.Zip(values, (row, value) => row[i] * value).Sum();
        }

        Eliminate(system);
        return [.. system.Select(row => row[count])];
    }

    // Gauss and Jordan with the largest pivot.
    private static void Eliminate(double[][] system)
    {
        int count = system.Length;
        for (int column = 0; column < count; column++)
        {
            int pivot = Enumerable.Range(column, count - column).MaxBy(row => Math.Abs(system[row][column]));
            (system[column], system[pivot]) = (system[pivot], system[column]);
            double largest = system[column][column];

            // Terms are of the order of 1; what is left of a dependent column is rounding.
            if (!(Math.Abs(largest) > 1e-9)) throw new InvalidInputException("The networks lie on one line, which determines no surface; add some at other widths and resolutions.");
            for (int j = column; j <= count; j++) system[column][j] /= largest;
            for (int row = 0; row < count; row++)
            {
                double factor = system[row][column];
                if (row == column || factor == 0) continue;
                for (int j = column; j <= count; j++) system[row][j] -= factor * system[column][j];
            }
        }
    }
}
