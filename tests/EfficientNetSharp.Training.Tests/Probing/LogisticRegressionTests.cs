using System.Text.Json;
using EfficientNetSharp.Randomness;
using EfficientNetSharp.Training.Probing;
using EfficientNetSharp.Training.Torch;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Tests.Probing;

public sealed class LogisticRegressionTests
{
    private static readonly LbfgsOptions Exact = new(5000, 1e-10, 0);

    public LogisticRegressionTests() => TorchRuntime.Prepare();

    public static TheoryData<int> Cases => [0, 1, 2, 3];

    [Theory]
    [MemberData(nameof(Cases))]
    public void It_finds_what_scikit_learn_finds(int number)
    {
        using var stream = typeof(LogisticRegressionTests).Assembly.GetManifestResourceStream("logistic_regression.json")!;
        var golden = JsonDocument.Parse(stream).RootElement.GetProperty("cases")[number];
        float[] rows = Numbers(golden.GetProperty("rows")), weights = Numbers(golden.GetProperty("weights"));
        int[] labels = [.. golden.GetProperty("labels").EnumerateArray().Select(label => label.GetInt32())];
        using var regression = new LogisticRegression(rows, labels, golden.GetProperty("classes").GetInt32());
        double[] shares = [.. labels.Select(_ => 1.0 / labels.Length)];
        var head = regression.Fit(shares, golden.GetProperty("penalty").GetDouble(), regression.Start, Exact);
        float[] biases = Numbers(golden.GetProperty("biases"));
        for (int i = 0; i < weights.Length; i++) Assert.Equal(weights[i], head.Weights[i], 1e-4f * Math.Max(1, Math.Abs(weights[i])));
        for (int i = 0; i < biases.Length; i++) Assert.Equal(biases[i], head.Biases[i], 1e-3f * Math.Max(1, Math.Abs(biases[i])));
    }

    [Fact]
    public void Its_gradient_is_the_slope_of_its_value()
    {
        var random = new SeededRandom(3);
        var (rows, labels) = Random(ref random, 14, 5, 3);
        using var regression = new LogisticRegression(rows, labels, 3);
        double[] shares = [.. labels.Select((_, i) => (i % 4) / 21.0)], point = [.. regression.Start.Select(_ => 0.5)];
        for (int i = 0; i < point.Length; i++) point[i] = random.NextDouble() - 0.5;
        using var weighting = tensor(shares, labels.Length, 1);
        double[] gradient = new double[point.Length], ignored = new double[point.Length];
        regression.Evaluate(weighting, 0.3, point, gradient);
        for (int i = 0; i < point.Length; i++)
        {
            const double step = 1e-6;
            double[] above = [.. point], below = [.. point];
            above[i] += step;
            below[i] -= step;
            double slope = (regression.Evaluate(weighting, 0.3, above, ignored) - regression.Evaluate(weighting, 0.3, below, ignored))
                / (2 * step);
            Assert.Equal(slope, gradient[i], 1e-8);
        }
    }

    [Fact]
    public void A_row_that_is_held_out_says_nothing()
    {
        var random = new SeededRandom(4);
        var (rows, labels) = Random(ref random, 12, 4, 2);
        int[] otherLabels = [.. labels];
        otherLabels[5] = 1 - otherLabels[5];
        double[] shares = [.. labels.Select((_, i) => i == 5 ? 0 : 1.0 / 11)];
        using var one = new LogisticRegression(rows, labels, 2);
        using var other = new LogisticRegression(rows, otherLabels, 2);
        Assert.Equal(one.Fit(shares, 0.1, one.Start, Exact).Weights, other.Fit(shares, 0.1, other.Start, Exact).Weights);
    }

    [Fact]
    public void A_head_is_for_rows_as_they_were_given()
    {
        // All penalty and no signal: what is left are the biases, the logarithms of the classes' shares.
        float[] rows = [5, -3, 5, -3, 5, -3, 5, -3];
        using var regression = new LogisticRegression(rows, [0, 0, 0, 1], 2);
        var head = regression.Fit([0.25, 0.25, 0.25, 0.25], 1, regression.Start, Exact);
        float[] logits = new float[2];
        head.Apply(rows.AsSpan(0, 2), logits);
        Assert.Equal(Math.Log(3), logits[0] - logits[1], 1e-4);
    }

    private static (float[] Rows, int[] Labels) Random(ref SeededRandom random, int count, int features, int classes)
    {
        float[] rows = new float[count * features];
        for (int i = 0; i < rows.Length; i++) rows[i] = (float)((3 * random.NextDouble()) - 1);
        return (rows, [.. Enumerable.Range(0, count).Select(i => i % classes)]);
    }

    private static float[] Numbers(JsonElement array) => array.ValueKind == JsonValueKind.Array
        ? [.. array.EnumerateArray().SelectMany(Numbers)]
        : [array.GetSingle()];
}
