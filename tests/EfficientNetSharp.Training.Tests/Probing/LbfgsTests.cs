using EfficientNetSharp.Training.Probing;

namespace EfficientNetSharp.Training.Tests.Probing;

public sealed class LbfgsTests
{
    private static readonly LbfgsOptions Exact = new(2000, 1e-10, 0);

    [Theory]
    [InlineData(2)]
    [InlineData(9)]
    [InlineData(50)]
    public void A_quadratic_ends_where_its_closed_form_says(int length)
    {
        // Σ i·(x − i)²/2, whose curvatures differ by the length.
        double[] point = new double[length];
        double value = Lbfgs.Minimize(point, (at, gradient) =>
        {
            double sum = 0;
            for (int i = 0; i < at.Length; i++)
            {
                double off = at[i] - i;
                sum += (i + 1) * off * off / 2;
                gradient[i] = (i + 1) * off;
            }

            return sum;
        }, Exact);
        Assert.Equal(0, value, 12);
        for (int i = 0; i < length; i++) Assert.Equal(i, point[i], 8);
    }

    [Fact]
    public void A_curved_valley_is_followed_to_its_end()
    {
        // Rosenbrock's function from its usual start; the minimum is at (1, 1).
        double[] point = [-1.2, 1];
        Lbfgs.Minimize(point, (at, gradient) =>
        {
            double a = 1 - at[0], b = at[1] - (at[0] * at[0]);
            gradient[0] = (-2 * a) - (400 * at[0] * b);
            gradient[1] = 200 * b;
            return (a * a) + (100 * b * b);
        }, Exact);
        Assert.Equal(1, point[0], 6);
        Assert.Equal(1, point[1], 6);
    }

    [Fact]
    public void It_stays_at_a_minimum_and_ends_where_nothing_falls()
    {
        double[] point = [0, 0];
        int calls = 0;
        Assert.Equal(3, Lbfgs.Minimize(point, (_, gradient) =>
        {
            calls++;
            gradient.Clear();
            return 3;
        }, Exact));
        Assert.Equal(1, calls);
        Assert.Equal([0, 0], point);
    }
}
