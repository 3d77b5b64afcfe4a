using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Costs.Devices;
using EfficientNetSharp.Data;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference;
using EfficientNetSharp.Quantization.Calibration;
using EfficientNetSharp.Quantization.Measuring;
using EfficientNetSharp.Quantization.Search;
using EfficientNetSharp.Randomness;
using EfficientNetSharp.Testing;

namespace EfficientNetSharp.Quantization.Tests.Measuring;

public sealed class DropMeasureTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public void Classifiers_lose_agreement_and_accuracy_as_counted_by_hand()
    {
        // Classes 0, 1, 1, 2 in floats; 0, 2, 1, 0 in integers; labels 0, 2, 1, 2.
        float[][] floats = [[3, 1, 0], [0, 2, 1], [0, 5, 1], [0, 1, 2]];
        float[][] integers = [[2, 1, 0], [0, 1, 2], [0, 4, 1], [3, 1, 2]];
        var agreement = MeasuredDrop.Of(DropMeasure.Agreement, floats, integers, []);
        Assert.Equal(50, agreement.Points, 9);
        // Two of four: the standard deviation is √(1/3), its mean's √(1/12).
        Assert.Equal(100 * Math.Sqrt(1.0 / 12), agreement.Error, 9);
        // Right in floats: three; in integers: three.
        Assert.Equal(0, MeasuredDrop.Of(DropMeasure.Top1, floats, integers, [0, 2, 1, 2]).Points, 9);
        Assert.Equal(25, MeasuredDrop.Of(DropMeasure.Top1, floats, integers, [0, 0, 1, 2]).Points, 9);
        Assert.Equal(-25, MeasuredDrop.Of(DropMeasure.Top1, floats, integers, [0, 2, 1, 1]).Points, 9);
        Assert.Equal(0, MeasuredDrop.Of(DropMeasure.Cosine, floats, [.. floats.Select(row => row.Select(value => 2 * value).ToArray())], []).Points, 9);
        Assert.Equal(100 * (1 - (1 / Math.Sqrt(2))), MeasuredDrop.Of(DropMeasure.Cosine, [[1, 0]], [[1, 1]], []).Points, 5);
    }

    [Fact]
    public void That_no_image_changed_is_not_taken_for_no_drop()
    {
        float[][] outputs = [.. Enumerable.Range(0, 60).Select(i => i % 2 == 0 ? new float[] { 1, 0 } : [0, 1])];
        var none = MeasuredDrop.Of(DropMeasure.Agreement, outputs, outputs, []);
        Assert.Equal((0, 0), (none.Points, none.Error));
        // A share of 4.87 % is missed by 60 images in one case of 20.
        Assert.Equal(100 * (1 - Math.Pow(0.05, 1.0 / 60)), none.Bound!.Value, 9);
        Assert.Null(MeasuredDrop.Of(DropMeasure.Agreement, outputs, [[0, 1], .. outputs.Skip(1)], []).Bound);
        Assert.Null(MeasuredDrop.Of(DropMeasure.Cosine, outputs, outputs, []).Bound);
    }

    [Fact]
    public void True_accepts_are_compared_each_at_its_own_threshold()
    {
        // Three identities on the axes; the third's second image leans to the first's in integers, and that pair's cosine is below a stranger's.
        float[][] floats = [[1, 0, 0], [1, 0.1f, 0], [0, 1, 0], [0, 1, 0.1f], [0, 0, 1], [0.1f, 0, 1]];
        float[][] integers = [.. floats[..5], [1, 0, 0.3f]];
        ImmutableArray<int> identities = [0, 0, 1, 1, 2, 2];
        var measure = DropMeasure.Of("tar@0.1").On(identities.AsSpan());
        Assert.Equal(100.0 / 3, MeasuredDrop.Of(measure, floats, integers, identities).Points, 6);
        // A threshold that moves for all alike is no loss: the same directions, in integers all nearer to each other.
        Assert.Equal(0, MeasuredDrop.Of(
            measure, floats, [.. floats.Select(row => row.Select(value => value + 0.3f).ToArray())], identities).Points, 6);
    }

    [Fact]
    public void The_usual_measure_follows_from_the_model_and_the_images()
    {
        int[] classes = [0, 1, 2], few = [0, 0, 1, 1], many = [.. Enumerable.Range(0, 60).Select(i => i / 3)];
        Assert.Equal("top1", DropMeasure.For(true, classes).Name);
        Assert.Equal("agreement", DropMeasure.For(true, []).Name);
        Assert.Equal("cosine", DropMeasure.For(false, []).Name);
        Assert.Equal("cosine", DropMeasure.For(false, few).Name);
        Assert.Equal("tar", DropMeasure.For(false, many).Name);
        // 1710 pairs of strangers measure a rate of 0.1, not of 0.01.
        Assert.Equal(0.1, DropMeasure.For(false, many).On(many).FalseAcceptRate);
        Assert.Equal(1e-3, DropMeasure.Of("tar@1e-3").FalseAcceptRate);
    }

    [Theory]
    [InlineData("top1", new int[0], "needs images with labels of the model's classes")]
    [InlineData("tar", new int[0], "a folder per identity")]
    [InlineData("tar", new[] { 0, 1, 2 }, "found 0 pairs of one")]
    [InlineData("tar", new[] { 0, 0, 1, 1 }, "name the rate as in tar@0.1")]
    [InlineData("tar@0.01", new[] { 0, 0, 1, 1 }, "needs 100 pairs of two identities or more, found 4")]
    public void What_cannot_be_measured_is_refused_and_says_what_lacks(string name, int[] labels, string why) =>
        Assert.Contains(why, Assert.Throws<InvalidInputException>(() => DropMeasure.Of(name).On(labels)).Message, StringComparison.Ordinal);

    [Fact]
    public void Names_and_kinds_that_do_not_go_together_are_refused()
    {
        Assert.Contains("tar@RATE", Assert.Throws<InvalidInputException>(() => DropMeasure.Of("recall")).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidInputException>(() => DropMeasure.Of("tar@2"));
        Assert.Throws<InvalidInputException>(() => DropMeasure.TrueAcceptRate.EnsureMeasures(isClassifier: true));
        Assert.Throws<InvalidInputException>(() => DropMeasure.Top1.EnsureMeasures(isClassifier: false));
        Assert.Throws<InvalidInputException>(() => DropMeasure.Agreement.EnsureMeasures(isClassifier: false));
        DropMeasure.Cosine.EnsureMeasures(isClassifier: true);
    }

    // Images are noise around a pattern of their own class or identity, so that networks of random weights tell them apart.
    [Theory]
    [InlineData("agreement", 4)]
    [InlineData("top1", 4)]
    [InlineData("cosine", 0.2)]
    [InlineData("tar", 4)]
    public void A_drop_is_kept_by_its_own_measure_on_images_that_the_search_did_not_see(string name, double points)
    {
        var device = DeviceProfiles.Get("rv1126");
        foreach (ulong seed in new ulong[] { 3, 4 })
        {
            var graph = name == "tar" ? Embedding()
                : ArchitectureRegistry.Get("efficientnet_b0").Scale(0.25, 0.3, 33).Build(new BuildOptions { Classes = 10 });
            var weights = SyntheticWeights.For(graph, seed, gain: 2);
            var options = new PlanOptions { Threads = 1 };
            int[] patterns = [.. Enumerable.Range(0, 168).Select(i => i / 6)];
            float[][] images = [.. patterns.Select((pattern, i) => SyntheticInput.Batch(graph.Input.Shape, 1, (ulong)pattern)
                .Zip(SyntheticInput.Batch(graph.Input.Shape, 1, 1000 + (ulong)i), (a, b) => a + (0.3f * b)).ToArray())];
            using var floats = EngineRunner.Create(graph, weights, options);
            int[] labels = name == "top1" ? [.. images.Select(image => TopOf(Run(floats, image)))] : patterns;
            using var network = CalibratedNetwork.Of(
                graph, weights, images[..24], images[24..96], options, labels: [.. labels[24..96]], cancellationToken: Cancelled);
            var measure = DropMeasure.Of(name);
            var made = new MixedPlanner(PlanTarget.Rv1126, device, SearchLimit.Drop(points, measure)).Plan(network, cancellationToken: Cancelled);
            var search = made.Search!;
            Assert.Equal(name, search.Limit.Measure.Name);
            var judged = network.Judge(made, search.Limit.Measure, Cancelled).Drop;
            Assert.Equal(judged, search.Chosen.Drop);
            Assert.Equal(search.Limit.Keeps(judged), search.KeepsLimit);
            Assert.True(search.KeepsLimit, search.Describe());
            // Others, which nothing was chosen by: within what so few images scatter.
            using var integers = EngineRunner.Create(made.Graph, made.Weights, options);
            float[][] expected = [.. images[96..].Select(image => Run(floats, image))], actual = [.. images[96..].Select(image => Run(integers, image))];
            var unseen = MeasuredDrop.Of(search.Limit.Measure, expected, actual, [.. labels[96..]]);
            Assert.True(unseen.Points <= points + (2 * unseen.Error), $"{seed}: {unseen}, {search.Describe()}");
        }
    }

    [Fact]
    public void Identities_stay_whole_and_each_part_has_pairs()
    {
        var images = new Numbered([.. Enumerable.Range(0, 90).Select(i => i / 3)]);
        var parts = CalibrationImages.OfIdentities(images, 30, seed: 5, judging: 30);
        int[][] identities = [.. new[] { parts.Calibrating, parts.Judging, parts.HeldOut }
            .Select(part => Enumerable.Range(0, part.Count).Select(part.LabelOf).ToArray())];
        Assert.All(identities, part => Assert.Equal(30, part.Length));
        Assert.Equal(30, identities.Sum(part => part.Distinct().Count()));
        Assert.All(identities, part => Assert.Contains(part.GroupBy(label => label), group => group.Count() > 1));
        // Another seed draws others.
        var others = CalibrationImages.OfIdentities(images, 30, seed: 6, judging: 30);
        Assert.NotEqual(identities[1].Order(), Enumerable.Range(0, 30).Select(others.Judging.LabelOf).Order());
    }

    [Fact]
    public void A_threshold_drifts_as_the_cosines_do()
    {
        var random = new SeededRandom(4);
        ImmutableArray<int> identities = [.. Enumerable.Range(0, 60).Select(i => i / 3)];
        var centres = identities.Distinct().ToDictionary(id => id, _ => Gaussians(ref random, 8));
        float[][] floats = [.. identities.Select(id => Noisy(centres[id], ref random))];
        // All nearer to one direction: cosines and thresholds rise.
        float[][] integers = [.. floats.Select(row => row.Select(value => value + 0.5f).ToArray())];
        var drift = ThresholdDrift.Of(floats, integers, identities)!;
        Assert.Equal([0.1, 0.01, 0.001], drift.Shifts.Select(shift => shift.FalseAcceptRate));
        Assert.All(drift.Shifts, shift => Assert.Equal(shift.After.Threshold!.Value - shift.Before.Threshold!.Value, shift.Drift));
        Assert.True(drift.Shifts[0].Drift > 0);
        Assert.True(drift.Shifts[0].Kept.FalseAcceptRate > 0.1);
        Assert.Null(ThresholdDrift.Of(floats, integers, [.. Enumerable.Range(0, 60)]));

        static float[] Gaussians(ref SeededRandom random, int count)
        {
            float[] values = new float[count];
            foreach (ref float value in values.AsSpan()) value = (float)random.NextGaussian();
            return values;
        }

        static float[] Noisy(float[] centre, ref SeededRandom random)
        {
            float[] noise = Gaussians(ref random, centre.Length);
            return [.. centre.Zip(noise, (a, b) => a + (0.4f * b))];
        }
    }

    // Deep networks of random weights, and means of maps, make nearly the same embedding of everything.
    private static Graph Embedding()
    {
        var builder = new GraphBuilder(TensorShape.Map(3, 16, 16));
        builder.Append("first", new Convolution(3, 8, 3, 2, 1, PaddingStyle.Symmetric, HasBias: true));
        builder.AppendActivation("first.act", ActivationKind.Silu);
        builder.Append("second", new Convolution(8, 8, 3, 2, 1, PaddingStyle.Symmetric, HasBias: true));
        builder.AppendActivation("second.act", ActivationKind.Relu);
        builder.Append("flat", new Flatten());
        builder.Append("embedding", new Linear(128, 10, HasBias: true));
        return builder.Build();
    }

    private static float[] Run(EngineRunner runner, float[] image)
    {
        float[] output = new float[10];
        ((IModelRunner)runner).Run(image, 1, output);
        return output;
    }

    private static int TopOf(float[] outputs) => Array.IndexOf(outputs, outputs.Max());

    // A dataset of labels alone.
    private sealed class Numbered(int[] labels) : IImageDataset
    {
        public ImmutableArray<string> Classes => [.. labels.Distinct().Select(label => $"{label}")];

        public int Count => labels.Length;

        public int LabelOf(int index) => labels[index];

        public string NameOf(int index) => $"image {index}";

        public long SizeOf(int index) => -1;

        public void ReadEncoded(int index, EncodedBuffer buffer) => throw new NotSupportedException();
    }
}
