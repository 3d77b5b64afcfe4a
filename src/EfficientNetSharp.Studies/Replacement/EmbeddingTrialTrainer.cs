using System.Collections.Immutable;
using EfficientNetSharp.Data;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Imaging.Transforms;
using EfficientNetSharp.Inference;
using EfficientNetSharp.Models;
using EfficientNetSharp.Prediction.Measuring;
using EfficientNetSharp.Quantization;
using EfficientNetSharp.Quantization.Calibration;
using EfficientNetSharp.Running;
using EfficientNetSharp.Studies.Running;
using EfficientNetSharp.Studies.Trials;
using EfficientNetSharp.Training;
using EfficientNetSharp.Training.Distillation;
using EfficientNetSharp.Training.Tasks;
using EfficientNetSharp.Training.Transfer;

namespace EfficientNetSharp.Studies.Replacement;

/// <summary>Trains an embedding, brings it into each precision, and judges it there by identities that nothing was chosen by.</summary>
/// <param name="data">The images.</param>
/// <param name="kept">Where networks that teach are kept.</param>
/// <param name="starts">Weights that trainings start from, by their fingerprints.</param>
/// <param name="timesNetworks">Whether the engine's time is measured.</param>
internal sealed class EmbeddingTrialTrainer(
    StudyData data, KeptModels kept, IReadOnlyDictionary<string, StartWeights> starts, bool timesNetworks)
{
    /// <summary>Adds to a trial's result what comes of it.</summary>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    /// <exception cref="InvalidInputException">Training diverged, or the trial cannot be trained at all.</exception>
    public TrialResult Run(Trial trial, TrialResult blank, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        var outcome = Train(trial, progress, cancellationToken);
        if (trial.Embedding!.KeepsModel) kept.Keep(trial, outcome.Model);
        var judges = data.Splits.Test ?? data.Splits.Validation;
        var (result, score) = Judge(trial, outcome.Model, judges, cancellationToken);
        return blank with
        {
            BestEpoch = outcome.BestEpoch,
            Validation = data.Splits.Test is null ? score : blank.Validation with { Top1 = outcome.BestScore },
            Test = data.Splits.Test is null ? null : score,
            Embedding = result,
        };
    }

    private TrainingOutcome Train(Trial trial, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        var embedding = trial.Embedding!;
        using var teacher = embedding.Teacher is { } teaching ? Teacher.Of(TeacherOf(teaching, progress, cancellationToken), forEmbeddings: true) : null;
        var job = TrialTrainer.JobOf(trial, data.Splits, data.Fingerprint);
        return Trainer.Run(
            job with
            {
                Task = new EmbeddingTask(trial.Recipe.Embedding, teacher),
                StartWeights = embedding.Start is { } start
                    ? StartModel.EmbeddingWeightsFor(StartOf(start).Model, trial.Architecture, trial.Preprocessing, trial.Recipe.Seed) : null,
            },
            progress, cancellationToken);
    }

    // A file that somebody deleted, or that lies where another machine does not see it, is made again: the same training gives the same network.
    private Model TeacherOf(Trial teaching, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        if (kept.Find(teaching) is { } model) return model;
        model = Train(teaching, progress, cancellationToken).Model;
        kept.Keep(teaching, model);
        return model;
    }

    private StartWeights StartOf(string fingerprint) => starts.GetValueOrDefault(fingerprint) ?? throw new InvalidInputException(
        "A network of the study starts from weights that were not given; give the files that the study was begun with (--from).");

    private (EmbeddingResult Result, TrialScore Score) Judge(
        Trial trial, Model model, IImageDataset judges, CancellationToken cancellationToken)
    {
        var settings = trial.Embedding!.Precision;
        var transform = new EvaluationTransform(trial.Preprocessing);
        var plan = new PlanOptions { Threads = trial.Threads };
        // Of the training images: identities that judge are strangers to ranges and plans too.
        var images = CalibrationImages.Of(data.Splits.Train, settings.CalibrationImages);
        using var calibrated = CalibratedNetwork.Of(
            model.BuildGraph(), model.Weights, Read(images.Calibrating), Read(images.Judging), plan, cancellationToken: cancellationToken);
        var results = ImmutableArray.CreateBuilder<PrecisionResult>();
        var runners = new List<EngineRunner>();
        try
        {
            EmbeddingScores? floats = null;
            foreach (var network in PrecisionNetwork.Of(model, trial.Architecture, calibrated, settings, cancellationToken))
            {
                var runner = EngineRunner.Create(network.Graph, network.Weights, plan);
                runners.Add(runner);
                var scores = EmbeddingScores.Of(
                    runner, transform, judges, new EvaluationOptions { BatchSize = trial.Recipe.BatchSize, Workers = trial.Threads }, cancellationToken);
                floats ??= scores;
                results.Add(ResultOf(network, scores, model));
            }

            if (timesNetworks) AddTimes(results, runners, cancellationToken);
            return (
                new EmbeddingResult
                {
                    Images = floats!.Images, Identities = floats.Verification.Identities, Genuine = floats.Verification.Roc.Genuine,
                    Impostors = floats.Verification.Roc.Impostors, IsVerification = trial.Recipe.Embedding.HasMargin,
                    Precisions = results.ToImmutable(),
                },
                new TrialScore(floats.Images, floats.Recall1.Value, floats.Recall5.Value, null));
        }
        finally
        {
            foreach (var runner in runners) runner.Dispose();
        }

        IReadOnlyList<float[]> Read(SubsetDataset part) =>
            CalibrationImages.Read(part, transform, trial.Threads, cancellationToken).Images;
    }

    private static PrecisionResult ResultOf(PrecisionNetwork network, EmbeddingScores scores, Model model) => new()
    {
        Precision = network.Precision,
        Verification = scores.Verification.Accuracy,
        AcceptedAt1Percent = scores.AcceptedAt(EmbeddingScores.FalseAcceptRates[0]),
        AcceptedAt1PerMille = scores.AcceptedAt(EmbeddingScores.FalseAcceptRates[1]),
        RecallAt1 = scores.Recall1,
        FileBytes = BytesOf(model with
        {
            Graph = network.Graph, Weights = network.Weights, Card = new ModelCard { Classes = [], Preprocessing = model.Card.Preprocessing },
        }),
        DeviceMs = network.Prediction?.Ms,
        DeviceFileBytes = network.Prediction?.FileBytes,
        WideLayers = network.WideLayers,
    };

    // Written as anybody would: a file is more than its weights.
    private static long BytesOf(Model model)
    {
        string folder = Directory.CreateTempSubdirectory("effnet").FullName;
        try
        {
            string path = Path.Combine(folder, "model.safetensors");
            ModelFile.Save(model, path);
            return new FileInfo(path).Length;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // In turn, so that what else the machine does meets all alike; the shortest time is what that lengthens least.
    private static void AddTimes(
        ImmutableArray<PrecisionResult>.Builder results, List<EngineRunner> runners, CancellationToken cancellationToken)
    {
        var times = TurnTimer.Time([.. runners.Select(runner => RunnerComparison.Turn(runner, batch: 1))], cancellationToken: cancellationToken);
        for (int i = 0; i < results.Count; i++) results[i] = results[i] with { EngineMs = Math.Round(times[i].MinMs, 4) };
    }
}
