using EfficientNetSharp.Costs;
using EfficientNetSharp.Data;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Imaging.Transforms;
using EfficientNetSharp.Models;
using EfficientNetSharp.Running;
using EfficientNetSharp.Studies.Replacement;
using EfficientNetSharp.Studies.Trials;
using EfficientNetSharp.Training;
using EfficientNetSharp.Training.Torch;

namespace EfficientNetSharp.Studies.Running;

/// <summary>Trains a trial and judges what comes of it.</summary>
internal sealed class TrialTrainer(StudyData data, ILatencyModel? latency, EmbeddingTrialTrainer embeddings)
{
    /// <summary>The training of a trial, in memory.</summary>
    /// <param name="trial">The trial.</param>
    /// <param name="splits">Its images.</param>
    /// <param name="fingerprint">What the card of the model would say of them.</param>
    public static TrainingJob JobOf(Trial trial, DatasetSplits splits, string fingerprint)
    {
        TorchRuntime.Prepare();
        TorchRuntime.Threads = trial.Threads;
        return new TrainingJob
        {
            Network = trial.Architecture,
            Data = splits,
            Preprocessing = trial.Preprocessing,
            Recipe = trial.Recipe,
            DataFingerprint = fingerprint,
            Device = trial.Device,
            // Bytes do not depend on them, and processes share the machine.
            Workers = trial.Threads,
        };
    }

    /// <summary>Does it.</summary>
    /// <param name="trial">The trial.</param>
    /// <param name="progress">Told of the training.</param>
    /// <param name="cancellationToken">Stops after the step under way; what was done is lost.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public TrialResult Run(Trial trial, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        long started = TimeProvider.System.GetTimestamp();
        var size = TrialSize.Of(trial, data.Info);
        var result = new TrialResult
        {
            Key = trial.Key,
            Network = trial.Architecture.Name,
            Resolution = trial.Architecture.Resolution,
            Parameters = size.Parameters,
            Macs = size.Macs,
            Nodes = size.Nodes,
            Epochs = trial.Recipe.TotalEpochs,
            Steps = size.Steps,
            Images = size.Images,
            BestEpoch = 0,
            Validation = new TrialScore(data.Info.Validation, 0, 0, null),
            Test = data.Info.Test == 0 ? null : new TrialScore(data.Info.Test, 0, 0, null),
            Seconds = 0,
            Host = Environment.MachineName,
        };
        try
        {
            if (trial.Embedding is not null)
            {
                result = embeddings.Run(trial, result, progress, cancellationToken);
                return Timed();
            }

            var outcome = Trainer.Run(JobOf(trial, data.Splits, data.Fingerprint), progress, cancellationToken);
            result = result with
            {
                BestEpoch = outcome.BestEpoch,
                Validation = Judge(outcome.Model, trial, data.Splits.Validation, cancellationToken),
                Test = data.Splits.Test is { } test ? Judge(outcome.Model, trial, test, cancellationToken) : null,
                LatencyMs = latency?.EstimateMs(outcome.Model.Graph),
            };
        }
        catch (InvalidInputException e) when (e.IsDivergence)
        {
            result = result with { Diverged = e.Message };
        }

        return Timed();

        TrialResult Timed() => result with { Seconds = Math.Round(TimeProvider.System.GetElapsedTime(started).TotalSeconds, 3) };
    }

    private static TrialScore Judge(Model model, Trial trial, IImageDataset images, CancellationToken cancellationToken)
    {
        using var runner = new TorchBackend().Create(model.Graph, model.Weights, new RunnerOptions { Threads = trial.Threads });
        var result = DatasetEvaluator.Run(
            runner, new EvaluationTransform(trial.Preprocessing), images,
            new EvaluationOptions { BatchSize = trial.Recipe.BatchSize, Workers = trial.Threads }, cancellationToken: cancellationToken);
        return new TrialScore(result.Count, result.Top1, result.Top5, result.Loss);
    }
}
