using System.Collections.Immutable;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Graphs.Transforms;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Torch;
using EfficientNetSharp.Training.Transfer;

namespace EfficientNetSharp.Training.Tests.Rounding;

/// <summary>Runs that train a network in integers.</summary>
public sealed class RoundedTrainingTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("rounded").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    // Four bits of int8 lose much, which training brings back.
    [Fact]
    public void A_coarse_network_learns_back_what_rounding_took()
    {
        var (job, floats) = Job(null, coarseness: 16);
        var outcome = SmallJobs.Train(job with { Recipe = job.Recipe with { Epochs = 8 } });
        var model = outcome.Model;
        Assert.NotNull(model.Graph.Quantization);
        model.Weights.EnsureFit(model.Graph);
        Assert.True(outcome.History[^1].TrainLoss < 0.8 * outcome.History[0].TrainLoss, "the loss falls");
        var learned = model.Graph.Quantization.Values.Count(value => value.Value.Scale != job.Quantization!.Values[value.Key].Scale);
        Assert.InRange(learned, model.Graph.Quantization.Values.Count / 2, model.Graph.Quantization.Values.Count);
        Assert.Equal(job.Quantization!.Arithmetic, model.Graph.Quantization.Arithmetic);
        Assert.NotEqual(WeightFingerprint.Of(floats), WeightFingerprint.Of(model.Weights));

        string path = Path.Combine(_root, "model.safetensors");
        ModelFile.Save(model, path);
        var read = ModelFile.Load(path);
        Assert.Equal(WeightFingerprint.Of(model.Weights), WeightFingerprint.Of(read.Weights));
    }

    [Fact]
    public void A_run_that_was_stopped_ends_as_one_that_was_not()
    {
        var (whole, _) = Job(Path.Combine(_root, "whole"), coarseness: 4);
        var expected = SmallJobs.Train(whole);
        var job = whole with { Folder = Path.Combine(_root, "stopped") };
        using var stop = new CancellationTokenSource();
        int steps = 0;
        Assert.Throws<OperationCanceledException>(() => Trainer.Run(job, new Watcher(progress =>
        {
            if (progress.Ended is null && ++steps == 6) stop.Cancel();
        }), stop.Token));
        var resumed = SmallJobs.Train(job with { Resume = true });
        Assert.Equal(expected.History, resumed.History);
        Assert.Equal(File.ReadAllBytes(expected.ModelPath!), File.ReadAllBytes(resumed.ModelPath!));

        var finer = Job(job.Folder, coarseness: 2).Job with { Resume = true };
        Assert.Contains("what it is trained for", Assert.Throws<InvalidInputException>(() => SmallJobs.Train(finer)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_does_not_go_with_integers_is_named()
    {
        var (job, _) = Job(null, coarseness: 4);
        string Refused(TrainingJob other) => Assert.Throws<InvalidInputException>(() => SmallJobs.Train(other)).Message;
        Assert.Contains("trained weights", Refused(job with { StartWeights = null }), StringComparison.Ordinal);
        Assert.Contains("probe", Refused(job with { Recipe = job.Recipe with { ProbeEpochs = 1 } }), StringComparison.Ordinal);
        Assert.Contains("Bf16", Refused(job with { Recipe = job.Recipe with { Precision = Precision.Bf16 } }), StringComparison.Ordinal);
        Assert.Contains("statistics", Refused(job with { Recipe = job.Recipe with { PreciseStatisticsBatches = 2 } }), StringComparison.Ordinal);
    }

    // A trained network of floats, folded, with a plan whose steps are so many times too long.
    private static (TrainingJob Job, WeightSet Floats) Job(string? folder, float coarseness)
    {
        var trained = SmallJobs.Train(SmallJobs.In(null) with
        {
            Recipe = SmallJobs.Recipe with { Epochs = 6, StochasticDepth = 0, Dropout = 0, LabelSmoothing = 0 },
        }).Model;
        var (graph, weights) = InferenceTransform.Apply(trained.Graph, trained.Weights);
        var values = graph.Nodes.ToImmutableSortedDictionary(
            node => node.Name, _ => new ValueQuantization(ElementType.I8, 6f / 127 * coarseness), StringComparer.Ordinal);
        var kernels = graph.Parameters.Where(parameter => parameter.IsKernel).ToImmutableSortedDictionary(
            parameter => parameter.Name,
            parameter => new ParameterQuantization(ElementType.I8,
                [.. weights[parameter].Values.Chunk((int)parameter.Count / parameter.Shape[0]).Select(row => row.Max(MathF.Abs) / 127 * coarseness)]),
            StringComparer.Ordinal);
        var plan = new QuantizationPlan { Arithmetic = IntegerArithmetic.Onnx, Values = values, Kernels = kernels };
        var model = new Model(graph, trained.Card, weights);
        return (SmallJobs.In(folder) with
        {
            Network = NetworkDefinition.Of(model), StartWeights = weights, Quantization = plan,
            Recipe = SmallJobs.Recipe with { StochasticDepth = 0, Dropout = 0, LabelSmoothing = 0, LearningRate = 0.003, EmaDecay = 0.5 },
        }, weights);
    }
}
