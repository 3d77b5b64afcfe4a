using EfficientNetSharp.Randomness;
using EfficientNetSharp.Training.Embeddings;
using EfficientNetSharp.Training.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Tests.Embeddings;

/// <summary>Values against the papers' formulas, written out slowly, and gradients against differences of those.</summary>
public sealed class EmbeddingLossTests
{
    private const int Features = 6, Identities = 5;

    public static TheoryData<string, EmbeddingOptions> Losses
    {
        get
        {
            var data = new TheoryData<string, EmbeddingOptions>();
            foreach (var kind in Enum.GetValues<EmbeddingLossKind>()) Add(new EmbeddingOptions { Loss = kind });
            Add(new EmbeddingOptions { Loss = EmbeddingLossKind.ArcFace, Scale = 4, Margin = 1.2 });
            Add(new EmbeddingOptions { Loss = EmbeddingLossKind.Combined, Scale = 8, Combined = new CombinedMargins(1.35, 0.2, 0.1) });
            Add(new EmbeddingOptions { Loss = EmbeddingLossKind.Combined, Scale = 8, Combined = new CombinedMargins(2, 1.1, 0) });
            Add(new EmbeddingOptions { Loss = EmbeddingLossKind.Combined, Scale = 8, Combined = new CombinedMargins(1, 0, 0.4) });
            Add(new EmbeddingOptions { Loss = EmbeddingLossKind.AdaFace, Scale = 8, Concentration = 20 });
            Add(new EmbeddingOptions
            {
                Loss = EmbeddingLossKind.MagFace, Scale = 8, MagFace = new MagFaceOptions(1, 4, 0.1, 0.9, 3),
            });
            Add(new EmbeddingOptions { Loss = EmbeddingLossKind.SubcenterArcFace, Scale = 6, Subcenters = 4 });
            foreach (var mining in Enum.GetValues<TripletMining>())
                Add(new EmbeddingOptions { Loss = EmbeddingLossKind.Triplet, Mining = mining, Margin = 0.6 });
            return data;

            void Add(EmbeddingOptions options) => data.Add($"{options.Loss} {data.Count}", options);
        }
    }

    [Theory]
    [MemberData(nameof(Losses))]
    public void Values_and_gradients_are_those_of_the_formula(string name, EmbeddingOptions options)
    {
        for (ulong seed = 0; seed < 4; seed++)
        {
            var (rows, labels, centers) = Draw(options, seed, 11);
            var fast = new FastLoss(options, rows, labels, centers);
            var slow = fast.Slow(options);
            double expected = slow.Of(rows, labels, centers);
            Assert.Equal(expected, fast.Value, 1e-9 * (1 + Math.Abs(expected)));
            AssertGradient(rows, fast.RowGradient, () => slow.Of(rows, labels, centers), name);
            if (options.HasCenters) AssertGradient(centers, fast.CenterGradient!, () => slow.Of(rows, labels, centers), name);
        }
    }

    [Theory]
    [InlineData(EmbeddingLossKind.ArcFace)]
    [InlineData(EmbeddingLossKind.CurricularFace)]
    [InlineData(EmbeddingLossKind.AdaFace)]
    [InlineData(EmbeddingLossKind.Combined)]
    public void Straight_through_has_insightfaces_values_and_takes_margins_for_constants(EmbeddingLossKind kind)
    {
        var options = new EmbeddingOptions { Loss = kind, Scale = 16 };
        var (rows, labels, centers) = Draw(options, 3, 9);
        var exact = new FastLoss(options, rows, labels, centers);
        var through = new FastLoss(options with { Gradient = MarginGradient.StraightThrough }, rows, labels, centers);
        // The logits are the same where no angle is beyond π, and so are softmax and loss.
        Assert.Equal(exact.Value, through.Value, 1e-9);
        // dL/dx = Σ s·(p − 1[y])·d cos/dx, whatever the margin: found by fixing what the margin adds.
        double[] added = [.. rows.Select((_, i) => exact.Slow(options).MarginOf(rows, labels, centers, i))];
        AssertGradient(rows, through.RowGradient, () => WithConstants(options, rows, labels, centers, added, exact.Slow(options)), $"{kind}");
    }

    [Fact]
    public void The_exact_derivative_by_the_cosine_is_sine_over_sine()
    {
        using var scope = NewDisposeScope();
        foreach (double theta in new[] { 0.2, 0.9, 1.6, 2.4 })
        {
            using var cosine = tensor(new[] { Math.Cos(theta) }, [1, 1], requires_grad: true);
            using var turned = Margins.Combined(cosine, 1, 0.5, 0);
            turned.sum().backward();
            Assert.Equal(Math.Cos(theta + 0.5), turned.ReadCpuDouble(0), 1e-12);
            Assert.Equal(Math.Sin(theta + 0.5) / Math.Sin(theta), cosine.grad!.ReadCpuDouble(0), 1e-9);
        }
    }

    [Fact]
    public void Images_on_their_centres_and_opposite_to_them_have_finite_gradients()
    {
        foreach (var kind in Enum.GetValues<EmbeddingLossKind>())
        {
            foreach (var gradient in Enum.GetValues<MarginGradient>())
            {
                var options = new EmbeddingOptions { Loss = kind, Gradient = gradient };
                double[][] rows = [[1, 0], [-1, 0], [1, 0], [-1, 0]];
                double[][] centers = [[1, 0], [1, 0], [1, 0], [1, 0], [1, 0], [1, 0]];
                var fast = new FastLoss(options, rows, [0, 0, 1, 1], centers);
                Assert.True(double.IsFinite(fast.Value), $"{kind} {gradient}");
                Assert.All(fast.RowGradient, value => Assert.True(double.IsFinite(value), $"{kind} {gradient}"));
            }
        }
    }

    [Theory]
    [InlineData(EmbeddingLossKind.MultiSimilarity)]
    [InlineData(EmbeddingLossKind.SupervisedContrastive)]
    [InlineData(EmbeddingLossKind.Triplet)]
    public void Batches_without_pairs_cost_nothing(EmbeddingLossKind kind)
    {
        foreach (int[] labels in new[] { [0], [0, 1, 2], new[] { 0, 0, 0 } })
        {
            var rows = Draw(new EmbeddingOptions(), 1, labels.Length).Rows;
            var fast = new FastLoss(new EmbeddingOptions { Loss = kind }, rows, labels, []);
            if (kind != EmbeddingLossKind.SupervisedContrastive || labels.Distinct().Count() == labels.Length) Assert.Equal(0, fast.Value);
            Assert.All(fast.RowGradient, value => Assert.True(double.IsFinite(value)));
        }
    }

    [Fact]
    public void Sampled_identities_are_a_softmax_over_those_alone()
    {
        foreach (var kind in new[] { EmbeddingLossKind.ArcFace, EmbeddingLossKind.SubcenterArcFace })
        {
            var options = new EmbeddingOptions { Loss = kind, Scale = 8, Subcenters = 2 };
            var (rows, _, centers) = Draw(options, 5, 4);
            int k = kind == EmbeddingLossKind.SubcenterArcFace ? 2 : 1;
            int[] kept = [0, 2, 3];
            var some = new FastLoss(options, rows, [3, 0, 3, 2], centers, [0, 2, 3]);
            var alone = new FastLoss(options, rows, [2, 0, 2, 1], [.. kept.SelectMany(c => centers[(c * k)..((c + 1) * k)])]);
            Assert.Equal(alone.Value, some.Value, 1e-12);
            Assert.Equal(alone.RowGradient, some.RowGradient, (a, b) => Math.Abs(a - b) < 1e-12);
        }
    }

    [Fact]
    public void A_memory_gives_pairs_with_earlier_batches_and_forgets_the_oldest()
    {
        using var scope = NewDisposeScope();
        var options = new EmbeddingOptions { Loss = EmbeddingLossKind.MultiSimilarity, Memory = 5 };
        var loss = EmbeddingLoss.Of(options);
        var kept = FastLoss.TensorsOf(loss.Parameters(Identities, Features, 0));
        var seen = new List<(double[] Row, int Label)>();
        for (ulong step = 0; step < 6; step++)
        {
            var (rows, labels, _) = Draw(options, step, 3);
            // The slow formula over the batch with the memory behind it, of whose rows only the batch's have a term.
            double[][] all = [.. rows, .. seen.Select(one => one.Row)];
            int[] allLabels = [.. labels, .. seen.Select(one => one.Label)];
            double expected = new SlowLosses(options).MultiSimilarityOf(all, allLabels, rows.Length);
            using var value = loss.Of(FastLoss.BatchOf(rows, labels, kept)).Value;
            Assert.Equal(expected, value.ReadCpuDouble(0), 1e-6);
            seen.AddRange(rows.Zip(labels));
            if (seen.Count > 5) seen.RemoveRange(0, seen.Count - 5);
        }
    }

    [Theory]
    [InlineData(0.0, true, false, 0.0)]
    [InlineData(1.5, false, true, 0.0)]
    [InlineData(3.0, false, false, 0.0)]
    [InlineData(5.0, false, false, 0.5)]
    [InlineData(9.0, false, false, 1.0)]
    public void Phases_follow_each_other(double epoch, bool isSoftmax, bool isCosFace, double share)
    {
        var phase = LossPhase.At(new EmbeddingOptions { SoftmaxEpochs = 1, CosFaceEpochs = 2, MarginWarmUpEpochs = 4 }, epoch);
        Assert.Equal((isSoftmax, isCosFace, share), (phase.IsSoftmax, phase.IsCosFace, phase.MarginShare));
        Assert.Equal(LossPhase.Settled, LossPhase.At(new EmbeddingOptions { MemoryWarmUpEpochs = 0 }, 0));
    }

    [Fact]
    public void Phases_are_the_losses_that_they_name()
    {
        var arcFace = new EmbeddingOptions { Scale = 8 };
        var (rows, labels, centers) = Draw(arcFace, 1, 7);
        var none = new FastLoss(arcFace, rows, labels, centers, phase: LossPhase.Settled with { MarginShare = 0 });
        Assert.Equal(new FastLoss(arcFace with { Margin = 0 }, rows, labels, centers).Value, none.Value, 1e-12);
        var half = new FastLoss(arcFace, rows, labels, centers, phase: LossPhase.Settled with { MarginShare = 0.5 });
        Assert.Equal(new FastLoss(arcFace with { Margin = 0.25 }, rows, labels, centers).Value, half.Value, 1e-12);
        var first = new FastLoss(arcFace, rows, labels, centers, phase: LossPhase.Settled with { IsCosFace = true });
        Assert.Equal(new FastLoss(arcFace with { Loss = EmbeddingLossKind.CosFace }, rows, labels, centers).Value, first.Value, 1e-12);
        var softmax = new FastLoss(arcFace, rows, labels, centers, phase: LossPhase.Settled with { IsSoftmax = true });
        double expected = rows.Select((row, i) => Math.Log(centers.Sum(center =>
            Math.Exp(row.Zip(center, (x, c) => x * c).Sum() - row.Zip(centers[labels[i]], (x, c) => x * c).Sum())))).Average();
        Assert.Equal(expected, softmax.Value, 1e-12);
    }

    private static double WithConstants(
        EmbeddingOptions options, double[][] rows, int[] labels, double[][] centers, double[] added, SlowLosses slow) =>
        slow.WithConstantMargins(rows, labels, centers, added, options.LossScale);

    private static (double[][] Rows, int[] Labels, double[][] Centers) Draw(EmbeddingOptions options, ulong seed, int count)
    {
        var random = new SeededRandom(seed, 7);
        int centers = Identities * (options.Loss == EmbeddingLossKind.SubcenterArcFace ? options.Subcenters : 1);
        var rows = Rows(count, ref random, 1);
        int[] labels = new int[count];
        for (int i = 0; i < count; i++) labels[i] = random.NextInt(Identities);
        // Sub-centres tell that one of several counts; lengths must not.
        return (rows, labels, Rows(centers, ref random, 0.3));

        static double[][] Rows(int rows, ref SeededRandom random, double scale)
        {
            var drawn = new double[rows][];
            for (int i = 0; i < rows; i++)
            {
                drawn[i] = new double[Features];
                for (int k = 0; k < Features; k++) drawn[i][k] = scale * random.NextGaussian();
            }

            return drawn;
        }
    }

    private static void AssertGradient(double[][] values, double[] gradient, Func<double> loss, string name)
    {
        const double step = 1e-6;
        for (int i = 0; i < values.Length; i++)
        {
            for (int k = 0; k < values[i].Length; k++)
            {
                double before = values[i][k];
                values[i][k] = before + step;
                double above = loss();
                values[i][k] = before - step;
                double below = loss();
                values[i][k] = before;
                double expected = (above - below) / (2 * step), found = gradient[(i * values[i].Length) + k];
                Assert.True(Math.Abs(expected - found) < 2e-6 * (1 + Math.Abs(expected)), $"{name} [{i},{k}]: {expected} and {found}");
            }
        }
    }
}
