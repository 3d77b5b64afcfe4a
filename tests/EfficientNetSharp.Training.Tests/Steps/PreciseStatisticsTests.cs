using EfficientNetSharp.Data.Loading;
using EfficientNetSharp.Imaging.Transforms;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Steps;
using EfficientNetSharp.Training.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Tests.Steps;

public sealed class PreciseStatisticsTests
{
    [Fact]
    public void Statistics_are_those_of_all_images_together()
    {
        TorchRuntime.Prepare();
        var preprocessing = Preprocessing.ForSize(24, 1);
        var graph = SmallJobs.Tiny.Build(new Architectures.BuildOptions { Classes = 3 });
        var weights = WeightInitializer.Initialize(graph, 1);
        // Batches of one colour each: their means differ, which an average of their variances alone would miss.
        using var loader = new BatchLoader(Images.Make(30, 4), new EvaluationTransform(preprocessing),
            new BatchLoaderOptions { BatchSize = 10, Training = false });
        var measured = PreciseStatistics.Measure(graph, weights, preprocessing,
            loader.Batches(cancellationToken: TestContext.Current.CancellationToken));

        var (mean, variance) = OfAll(graph, weights, loader);
        for (int c = 0; c < mean.Length; c++)
        {
            Assert.Equal(mean[c], measured["stem.norm.running_mean"].Values[c], 1e-4f);
            // Batch variances are unbiased, over 1,440 values: 0.07 % more.
            Assert.Equal(variance[c], measured["stem.norm.running_var"].Values[c], 1e-3f * variance[c] + 1e-5f);
        }

        Assert.Equal(weights["stem.conv.weight"].Values, measured["stem.conv.weight"].Values);
    }

    // The first normalisation's input over all images at once, measured by libtorch.
    private static (float[] Mean, float[] Variance) OfAll(Graphs.Graph graph, WeightSet weights, BatchLoader loader)
    {
        using var scope = NewDisposeScope();
        using var module = new GraphModule(graph, weights);
        var maps = new List<Tensor>();
        module.Watcher = (node, value) =>
        {
            if (node.Name == "stem.conv") maps.Add(value.detach().clone());
        };
        foreach (var batch in loader.Batches(cancellationToken: TestContext.Current.CancellationToken))
        {
            using (batch) module.Forward(tensor(batch.Images.ToArray(), batch.Count, 3, 24, 24)).Dispose();
        }

        var all = cat(maps, 0);
        return (all.mean([0, 2, 3]).data<float>().ToArray(), all.var([0, 2, 3], unbiased: false).data<float>().ToArray());
    }
}
