using EfficientNetSharp.Data;
using EfficientNetSharp.Models;
using EfficientNetSharp.Studies.Trials;
using EfficientNetSharp.Training;
using EfficientNetSharp.Training.Torch;

namespace EfficientNetSharp.Studies.Running;

/// <summary>Trains networks for a few steps, to know how long a study will take before it is begun.</summary>
public static class StepTimer
{
    // The first step prepares; what follows is what all later ones are like. Of networks whose steps take a second, a few tell as much.
    private const int Steps = 9, StepsOfSlow = 3;

    // Images of a step: of large networks few, which take as long each.
    private const int MaxBatch = 32, MaxBatchOfLarge = 4;

    private const long Large = 100_000_000, Slow = 1_000_000_000;

    private const string Cpu = "cpu";

    // What a multiply-add takes differs between kinds of networks more than any two of them can tell.
    private const int Networks = 5;

    /// <summary>Times the smallest and the largest of a study's networks, and a few between them.</summary>
    /// <param name="trials">The study's trials.</param>
    /// <param name="data">Its images.</param>
    /// <param name="cancellationToken">Stops after the step under way.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static CostModel Calibrate(IEnumerable<Trial> trials, StudyData data, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        var sized = trials.Select(trial => (Trial: trial, Size: TrialSize.Of(trial, data.Info)))
            .DistinctBy(one => (one.Size.Macs, one.Size.Nodes, one.Size.Parameters)).OrderBy(one => one.Size.Macs).ToList();
        int count = Math.Min(Networks, sized.Count);
        var timed = Enumerable.Range(0, count).Select(i => sized[count == 1 ? 0 : i * (sized.Count - 1) / (count - 1)].Trial);
        return CostModel.Of([.. timed.Select(trial => Time(trial, data, cancellationToken))])!;
    }

    private static (TrialSize Size, double Seconds) Time(Trial trial, StudyData data, CancellationToken cancellationToken)
    {
        var size = TrialSize.Of(trial, data.Info);
        int batch = Math.Min(trial.Recipe.BatchSize, size.Macs > Large ? MaxBatchOfLarge : MaxBatch);
        int steps = size.Macs > Slow ? StepsOfSlow : Steps;
        var train = data.Splits.Train;
        var few = new SubsetDataset(train, [.. Enumerable.Range(0, batch * (steps + 1)).Select(i => i % train.Count)]);
        var recipe = trial.Recipe with { Epochs = 1, ProbeEpochs = 0, MinSteps = 0, BatchSize = batch };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var ends = new List<(long Wall, TimeSpan Processor)>();
        try
        {
            var watch = new SynchronousProgress<TrainingProgress>(at =>
            {
                if (at is not { Ended: null, Validating: null, Batch: > 0 }) return;
                ends.Add((TimeProvider.System.GetTimestamp(), Environment.CpuUsage.TotalTime));
                if (ends.Count == steps) stop.Cancel();
            });
            var job = TrialTrainer.JobOf(trial with { Recipe = recipe }, data.Splits with { Train = few, Undivided = null }, "timed");
            // A step takes as long with any weights, and these need no file.
            if (recipe.FixedStatistics) job = job with { StartWeights = WeightInitializer.Initialize(TrialSize.GraphOf(trial, data.Info), recipe.Seed) };
            Trainer.Run(job, watch, stop.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
        }

        // The quickest: whatever else the machine does makes steps longer, and may be over when the study begins.
        return (size with { Images = batch, Steps = 1 }, ends.Zip(ends.Skip(1), (from, to) => SecondsOf(trial, from, to)).Min());
    }

    // On a busy machine a step waits for processors; the time that it has of them is what it takes on a free one.
    private static double SecondsOf(Trial trial, (long Wall, TimeSpan Processor) from, (long Wall, TimeSpan Processor) to)
    {
        double wall = TimeProvider.System.GetElapsedTime(from.Wall, to.Wall).TotalSeconds;
        return trial.Device == Cpu ? Math.Min(wall, (to.Processor - from.Processor).TotalSeconds / trial.Threads) : wall;
    }
}
