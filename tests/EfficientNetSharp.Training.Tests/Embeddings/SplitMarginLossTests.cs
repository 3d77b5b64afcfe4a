using EfficientNetSharp.Randomness;
using EfficientNetSharp.Training.Embeddings;
using EfficientNetSharp.Training.Gradients;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Tests.Distributed;
using EfficientNetSharp.Training.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Tests.Embeddings;

/// <summary>Identities split over processes give what one process computes, in 64 bits over ten steps of descent.</summary>
public sealed class SplitMarginLossTests
{
    private const int Features = 5, Identities = 11, Images = 9, Steps = 10;

    private const double Rate = 0.05;

    public static TheoryData<EmbeddingLossKind, int, double, bool> Cases
    {
        get
        {
            var data = new TheoryData<EmbeddingLossKind, int, double, bool>();
            foreach (var kind in Enum.GetValues<EmbeddingLossKind>().Where(kind => new EmbeddingOptions { Loss = kind }.HasMargin
                && kind != EmbeddingLossKind.CurricularFace))
                data.Add(kind, 2, 0, false);
            data.Add(EmbeddingLossKind.ArcFace, 3, 0.1, false);
            data.Add(EmbeddingLossKind.ArcFace, 2, 0, true);
            data.Add(EmbeddingLossKind.SubcenterArcFace, 4, 0, false);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Ten_steps_are_those_of_one_process(EmbeddingLossKind kind, int processes, double smoothing, bool isSoftmax)
    {
        TorchRuntime.Prepare();
        var options = new EmbeddingOptions { Loss = kind, Scale = 8, MagFace = new MagFaceOptions(0.5, 4, 0.1, 0.5, 2) };
        var phase = LossPhase.Settled with { IsSoftmax = isSoftmax };
        var (rows, centers, labels) = Draw(options);
        double[] alone = Alone(options, rows, centers, labels, phase, smoothing);
        var together = new double[processes][];
        ThreadGroup.Run(processes, group => together[group.Rank] = Together(options, rows, centers, labels, phase, smoothing, group));
        Assert.All(together, losses => Assert.Equal(together[0], losses));
        for (int step = 0; step < Steps; step++) Assert.Equal(alone[step], together[0][step], 1e-9);
        Assert.True(alone[^1] < alone[0], "descent goes down");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0.7)]
    public void A_run_with_split_identities_learns_what_one_process_learns(double sampled)
    {
        double[] Losses(bool split, int processes)
        {
            var recipe = SmallJobs.Recipe with
            {
                Task = TaskKind.Embedding, LabelSmoothing = 0, StochasticDepth = 0, Dropout = 0, Epochs = 2,
                // Clipped at every step, by the length of all gradients.
                Clipping = new ClippingOptions { Norm = 0.5 },
                Embedding = new EmbeddingOptions { Scale = 8, SplitIdentities = split, SampledIdentities = sampled },
            };
            var job = SmallJobs.In(null) with { Network = SmallJobs.TinyEmbedding, Recipe = recipe };
            var all = new double[processes][];
            ThreadGroup.Run(processes, group => all[group.Rank] =
                [.. SmallJobs.Train(job with { Group = processes == 1 ? job.Group : group }).History.Select(epoch => epoch.TrainLoss)]);
            return all[0];
        }

        double[] split = Losses(true, 2);
        Assert.All(split, loss => Assert.True(double.IsFinite(loss)));
        if (sampled < 1) return;
        double[] alone = Losses(false, 1), apart = Losses(false, 2);
        for (int epoch = 0; epoch < 2; epoch++)
        {
            Assert.Equal(alone[epoch], split[epoch], 2e-3);
            Assert.Equal(apart[epoch], split[epoch], 2e-3);
        }
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(2, 3)]
    [InlineData(3, 1)]
    public void A_run_that_was_stopped_goes_on_with_whichever_number_of_processes(int before, int after)
    {
        var recipe = SmallJobs.Recipe with
        {
            Task = TaskKind.Embedding, LabelSmoothing = 0, StochasticDepth = 0, Dropout = 0, Epochs = 2, EmaDecay = 0.9,
            Embedding = new EmbeddingOptions { Scale = 8, SplitIdentities = true },
        };
        var job = SmallJobs.In(null) with { Network = SmallJobs.TinyEmbedding, Recipe = recipe };
        TrainingOutcome On(int processes, TrainingJob job, IProgress<TrainingProgress>? progress, CancellationToken token)
        {
            var all = new TrainingOutcome[processes];
            ThreadGroup.Run(processes, group => all[group.Rank] = Trainer.Run(job with { Group = group }, progress, token));
            return all[0];
        }

        var root = Directory.CreateTempSubdirectory("split");
        try
        {
            var never = TestContext.Current.CancellationToken;
            var whole = On(before, job with { Folder = Path.Combine(root.FullName, "whole") }, null, never);
            var stopped = job with { Folder = Path.Combine(root.FullName, "stopped") };
            using var stop = new CancellationTokenSource();
            int steps = 0;
            var stopper = new Watcher(progress =>
            {
                if (progress.Ended is null && ++steps == 6) stop.Cancel();
            });
            var failure = Record.Exception(() => On(before, stopped, stopper, stop.Token));
            Assert.IsType<OperationCanceledException>(failure?.InnerException);
            var resumed = On(after, stopped with { Resume = true }, null, never);
            double tolerance = before == after ? 0 : 2e-3;
            Assert.Equal(2, resumed.History.Length);
            for (int epoch = 0; epoch < 2; epoch++)
                Assert.Equal(whole.History[epoch].TrainLoss, resumed.History[epoch].TrainLoss, tolerance);
            string[] names = ["model.safetensors", "checkpoint.safetensors"];
            if (before != after) return;
            foreach (string name in names)
                Assert.Equal(File.ReadAllBytes(Path.Combine(root.FullName, "whole", name)), File.ReadAllBytes(Path.Combine(stopped.Folder!, name)));
        }
        finally
        {
            root.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_process_has_the_centres_of_its_stretch_and_their_draws_are_those_of_all()
    {
        var options = new EmbeddingOptions { Loss = EmbeddingLossKind.SubcenterArcFace, SplitIdentities = true };
        var loss = (MarginLoss)EmbeddingLoss.Of(options);
        var all = loss.Parameters(Identities, Features, 7)[0];
        var parts = Enumerable.Range(0, 3).Select(rank => loss.Parameters(SplitMarginLoss.Stretch(Identities, rank, 3), Features, 7)[0]).ToList();
        Assert.Equal(Identities * options.Subcenters, parts.Sum(part => part.Parameter.Shape[0]));
        Assert.Equal(all.Initial.Values.ToArray(), parts.SelectMany(part => part.Initial.Values.ToArray()));
    }

    [Fact]
    public void Stretches_cover_all_identities_once()
    {
        foreach (int identities in new[] { 1, 2, 7, 100 })
        {
            for (int size = 1; size < 9; size++)
            {
                Assert.Equal(Enumerable.Range(0, identities), Enumerable.Range(0, size).SelectMany(rank =>
                {
                    var (first, end) = SplitMarginLoss.Stretch(identities, rank, size);
                    return Enumerable.Range(first, end - first);
                }));
            }
        }
    }

    private static double[] Alone(
        EmbeddingOptions options, double[] rows, double[] centers, long[] labels, LossPhase phase, double smoothing)
    {
        var loss = EmbeddingLoss.Of(options);
        var kept = Kept(options, centers);
        using var x = tensor(rows, [Images, Features]).requires_grad_(true);
        return [.. Enumerable.Range(0, Steps).Select(_ =>
        {
            using var scope = NewDisposeScope();
            var value = loss.Of(new EmbeddingBatch
            {
                Embeddings = x, Labels = tensor(labels), Parameters = kept, Phase = phase, LabelSmoothing = smoothing,
            }).Value;
            value.backward();
            Descend(x, x.grad!);
            Descend(kept[EmbeddingLoss.Centers], kept[EmbeddingLoss.Centers].grad!);
            return value.ReadCpuDouble(0);
        })];
    }

    private static double[] Together(
        EmbeddingOptions options, double[] rows, double[] centers, long[] labels, LossPhase phase, double smoothing, ThreadGroup group)
    {
        var loss = new SplitMarginLoss((MarginLoss)EmbeddingLoss.Of(options), group);
        var stretch = SplitMarginLoss.Stretch(Identities, group.Rank, group.Size);
        int width = centers.Length / Identities;
        var kept = Kept(options, centers[(stretch.First * width)..(stretch.End * width)]);
        int first = Images * group.Rank / group.Size, count = (Images * (group.Rank + 1) / group.Size) - first;
        using var x = tensor(rows[(first * Features)..((first + count) * Features)], [count, Features]).requires_grad_(true);
        return [.. Enumerable.Range(0, Steps).Select(_ =>
        {
            using var scope = NewDisposeScope();
            var value = loss.Of(
                new EmbeddingBatch
                {
                    Embeddings = x, Labels = tensor(labels[first..(first + count)]), Parameters = kept, Phase = phase, LabelSmoothing = smoothing,
                }, Identities).Value.Times((double)count / Images);
            value.backward();
            var center = kept[EmbeddingLoss.Centers];
            double[] sum = [value.ReadCpuDouble(0)];
            group.AllReduceSum(sum.AsSpan());
            Descend(x, x.grad!);
            Descend(center, center.grad!);
            return sum[0];
        })];
    }

    private static void Descend(Tensor values, Tensor gradient)
    {
        using var constant = no_grad();
        values.sub_(gradient.Times(Rate));
        values.grad!.zero_();
    }

    private static Dictionary<string, Tensor> Kept(EmbeddingOptions options, double[] centers)
    {
        var kept = FastLoss.TensorsOf(EmbeddingLoss.Of(options).Parameters(Identities, Features, 0));
        kept[EmbeddingLoss.Centers] = tensor(centers, [centers.Length / Features, Features]).requires_grad_(true);
        return kept;
    }

    private static (double[] Rows, double[] Centers, long[] Labels) Draw(EmbeddingOptions options)
    {
        var random = new SeededRandom(3);
        int centers = Identities * (options.Loss == EmbeddingLossKind.SubcenterArcFace ? options.Subcenters : 1);
        double[] Numbers(int count, ref SeededRandom random)
        {
            var numbers = new double[count];
            for (int i = 0; i < count; i++) numbers[i] = random.NextGaussian();
            return numbers;
        }

        var rows = Numbers(Images * Features, ref random);
        var drawn = Numbers(centers * Features, ref random);
        long[] labels = new long[Images];
        for (int i = 0; i < Images; i++) labels[i] = random.NextInt(Identities);
        return (rows, drawn, labels);
    }
}
