using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Tests.Distributed;
using static EfficientNetSharp.Training.Tests.SmallJobs;

namespace EfficientNetSharp.Training.Tests.Runs;

/// <summary>Runs without a folder.</summary>
public sealed class MemoryRunTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("memory").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void A_run_in_memory_is_the_run_with_a_folder_bit_for_bit(int preciseBatches)
    {
        var job = In(Path.Combine(_root, "run")) with { Recipe = Recipe with { PreciseStatisticsBatches = preciseBatches, Patience = 2 } };
        var expected = Train(job);
        var found = Train(job with { Folder = null });
        Assert.Null(found.ModelPath);
        Assert.Equal(expected.History, found.History);
        Assert.Equal((expected.BestEpoch, expected.BestScore), (found.BestEpoch, found.BestScore));
        Assert.Equal(ModelJson.Serialize(expected.Model.Card), ModelJson.Serialize(found.Model.Card));
        Assert.Equal(expected.Model.Weights.Keys.Order(), found.Model.Weights.Keys.Order());
        foreach (var (name, tensor) in expected.Model.Weights) Assert.Equal(tensor.Values, found.Model.Weights[name].Values);

        string saved = Path.Combine(_root, "saved.safetensors");
        ModelFile.Save(found.Model, saved);
        Assert.Equal(File.ReadAllBytes(expected.ModelPath!), File.ReadAllBytes(saved));
    }

    [Fact]
    public void The_best_model_is_kept_and_not_the_last()
    {
        // Without averages and at a high rate the score goes up and down.
        var job = In(null) with { Recipe = Recipe with { Epochs = 6, EmaDecay = 0, LearningRate = 0.02 } };
        var outcome = Train(job);
        Assert.Equal(outcome.BestScore, outcome.History[outcome.BestEpoch - 1].ValidationScore);
        Assert.Equal(outcome.History.Max(epoch => epoch.ValidationScore), outcome.BestScore);
        Assert.Equal($"{outcome.BestEpoch}", outcome.Model.Card.Provenance["epoch"]);
    }

    [Fact]
    public void It_stops_after_the_step_under_way()
    {
        using var stop = new CancellationTokenSource();
        int steps = 0;
        var watcher = new Watcher(() =>
        {
            if (++steps == 2) stop.Cancel();
        });
        Assert.Throws<OperationCanceledException>(() => Trainer.Run(In(null), watcher, stop.Token));
        Assert.Equal(2, steps);
    }

    [Fact]
    public void It_has_nothing_to_go_on_from() =>
        Assert.Contains("folder", Assert.Throws<InvalidInputException>(() => Train(In(null) with { Resume = true })).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Several_processes_all_have_the_best_model()
    {
        var outcomes = new TrainingOutcome[2];
        ThreadGroup.Run(2, group => outcomes[group.Rank] = Train(In(null) with { Group = group }));
        Assert.Equal(outcomes[0].BestEpoch, outcomes[1].BestEpoch);
        foreach (var (name, tensor) in outcomes[0].Model.Weights) Assert.Equal(tensor.Values, outcomes[1].Model.Weights[name].Values);
    }

    private sealed class Watcher(Action step) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Ended is null) step();
        }
    }
}
