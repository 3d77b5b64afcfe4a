using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Randomness;
using EfficientNetSharp.Training.Torch;
using EfficientNetSharp.Training.Torch.Functions;
using TorchSharp;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Tests.Torch;

public sealed class PrecisionAndDeviceTests
{
    [Fact]
    public void Half_width_maps_give_nearly_the_same_gradients()
    {
        var (graph, weights) = Network();
        using var full = new FlatParameters(graph, weights);
        using var half = new FlatParameters(graph, weights);
        double loss = Step(graph, full, new ModuleOptions()),
            halfLoss = Step(graph, half, new ModuleOptions { Precision = Precision.Bf16 });
        // bfloat16 has 8 significant bits: each rounding is off by up to 0.4 %, and some dozens follow each other.
        Assert.InRange(Math.Abs(loss - halfLoss) / loss, 0, 0.02);
        Assert.InRange(Cosine([.. TensorMemory.SpanOf(full.Gradients)], [.. TensorMemory.SpanOf(half.Gradients)]), 0.98, 1);
        Assert.InRange(Cosine([.. TensorMemory.SpanOf(full.Statistics)], [.. TensorMemory.SpanOf(half.Statistics)]), 0.999, 1.001);
    }

    // A second set of vectors on the processor stands in for those on a card: what is not carried over is missed.
    [Fact]
    public void Copies_on_another_device_are_carried_over_both_ways()
    {
        var (graph, weights) = Network();
        using var plain = new FlatParameters(graph, weights);
        using var mirrored = new FlatParameters(graph, weights, mirrored: true);
        for (int step = 0; step < 2; step++)
        {
            Assert.Equal(Step(graph, plain, new ModuleOptions()), Step(graph, mirrored, new ModuleOptions()));
            mirrored.Fetch();
            Assert.Equal(TensorMemory.SpanOf(plain.Gradients).ToArray(), TensorMemory.SpanOf(mirrored.Gradients).ToArray());
            Assert.Equal(TensorMemory.SpanOf(plain.Statistics).ToArray(), TensorMemory.SpanOf(mirrored.Statistics).ToArray());
            foreach (var parameters in new[] { plain, mirrored })
            {
                foreach (ref float value in TensorMemory.SpanOf(parameters.Values)) value *= 0.9f;
                parameters.Push();
            }
        }
    }

    [Theory]
    [InlineData("tpu", "tpu")]
    [InlineData("cuda:x", "cuda:x")]
    [InlineData("cuda:1:2", "cuda:1:2")]
    [InlineData("cuda", "--device cpu")]
    [InlineData("cuda:9", "cuda:9")]
    public void A_device_that_is_not_there_is_refused_in_one_line(string word, string named)
    {
        TorchRuntime.Prepare();
        Assert.SkipWhen(word == "cuda" && cuda.is_available(), "This machine has a CUDA card.");
        string message = Assert.Throws<InvalidInputException>(() => TrainingDevice.Find(word)).Message;
        Assert.Contains(named, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    private static (Graph Graph, WeightSet Weights) Network()
    {
        var graph = SmallJobs.Tiny.Build(new Architectures.BuildOptions { Classes = 3 });
        return (graph, WeightInitializer.Initialize(graph, 1));
    }

    private static double Step(Graph graph, FlatParameters parameters, ModuleOptions options)
    {
        using var scope = NewDisposeScope();
        using var module = new GraphModule(graph, parameters, options);
        parameters.LayerGradients.zero_();
        var random = new SeededRandom(5);
        var values = new float[8 * 3 * 24 * 24];
        foreach (ref float value in values.AsSpan()) value = (float)random.NextGaussian();
        using var pass = module.Train(tensor(values, 8, 3, 24, 24), new TrainingNoise(1, 0));
        var loss = nn.functional.cross_entropy(pass.Output, tensor(new long[] { 0, 1, 2, 0, 1, 2, 0, 1 }));
        loss.backward();
        pass.Backward();
        return loss.Number();
    }

    private static double Cosine(float[] a, float[] b) =>
        a.Zip(b, (x, y) => (double)x * y).Sum() / Math.Sqrt(a.Sum(x => (double)x * x) * b.Sum(y => (double)y * y));
}
