using EfficientNetSharp.Costs.Devices.Fitting;

namespace EfficientNetSharp.Tests.Costs.Devices;

public sealed class NonNegativeLeastSquaresTests
{
    [Fact]
    public void Where_the_free_solution_is_positive_it_is_that()
    {
        // The line through (1,1), (2,2), (3,2): 2/3 + x/2.
        double[] x = NonNegativeLeastSquares.Solve([[1, 1], [1, 2], [1, 3]], [1, 2, 2]);
        Assert.Equal(2.0 / 3, x[0], 12);
        Assert.Equal(0.5, x[1], 12);
    }

    [Fact]
    public void What_would_be_negative_is_0_and_the_others_are_fitted_without_it()
    {
        // Free: 3 − x; with the slope at 0 the mean, 1.
        double[] x = NonNegativeLeastSquares.Solve([[1, 1], [1, 2], [1, 3]], [2, 1, 0]);
        Assert.Equal(1, x[0], 12);
        Assert.Equal(0, x[1]);
    }

    [Fact]
    public void Nothing_but_zeros_is_the_best_where_all_point_away() =>
        Assert.Equal([0.0, 0.0], NonNegativeLeastSquares.Solve([[1, 0], [0, 1]], [-1, -2]));

    [Fact]
    public void Columns_that_say_the_same_share_nothing_twice()
    {
        double[] x = NonNegativeLeastSquares.Solve([[1, 2, 0], [2, 4, 0], [3, 6, 0]], [2, 4, 6]);
        Assert.Equal(2, x[0] + (2 * x[1]), 10);
        Assert.Equal(0, x[2]);
    }

    [Fact]
    public void Units_of_a_column_do_not_matter()
    {
        double[] small = NonNegativeLeastSquares.Solve([[1e-9, 1], [2e-9, 1], [4e-9, 1]], [1, 2, 2.5]);
        double[] large = NonNegativeLeastSquares.Solve([[1e9, 1], [2e9, 1], [4e9, 1]], [1, 2, 2.5]);
        Assert.Equal(small[0] * 1e-18, large[0], 1e-12 * large[0]);
        Assert.Equal(small[1], large[1], 10);
    }

    /// <summary>
    /// The conditions of Karush, Kuhn and Tucker, which hold at the minimum and nowhere else: the error's slope is 0 where x is positive,
    /// and not downwards where it is 0.
    /// </summary>
    [Fact]
    public void The_conditions_of_a_minimum_hold_for_any_problem()
    {
        for (int seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            int rows = random.Next(1, 20), unknowns = random.Next(1, 9);
            var a = Enumerable.Range(0, rows).Select(_ => Enumerable.Range(0, unknowns)
                .Select(_ => random.Next(4) == 0 ? 0 : random.NextDouble() - (seed % 2 == 0 ? 0.3 : 0)).ToArray()).ToArray();
            if (seed % 5 == 0 && unknowns > 1)
            {
                foreach (double[] row in a) row[^1] = 3 * row[0];
            }

            double[] b = [.. Enumerable.Range(0, rows).Select(_ => (10 * random.NextDouble()) - 3)];
            double[] x = NonNegativeLeastSquares.Solve(a, b);
            double[] residual = [.. a.Select((row, i) => b[i] - row.Zip(x, (p, q) => p * q).Sum())];
            for (int k = 0; k < unknowns; k++)
            {
                double slope = a.Select((row, i) => row[k] * residual[i]).Sum();
                Assert.True(x[k] >= 0, $"seed {seed}: x{k} = {x[k]}");
                Assert.True(slope < 1e-7 && (x[k] == 0 || slope > -1e-7), $"seed {seed}: x{k} = {x[k]}, slope {slope}");
            }
        }
    }

    [Fact]
    public void What_is_no_problem_is_refused()
    {
        Assert.Throws<ArgumentException>(() => NonNegativeLeastSquares.Solve([[1]], []));
        Assert.Throws<ArgumentException>(() => NonNegativeLeastSquares.Solve([[1], [1, 2]], [1, 2]));
        Assert.Throws<ArgumentException>(() => NonNegativeLeastSquares.Solve([[double.NaN]], [1]));
        Assert.Empty(NonNegativeLeastSquares.Solve([], []));
    }
}
