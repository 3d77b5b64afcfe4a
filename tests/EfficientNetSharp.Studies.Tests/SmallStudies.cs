using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Data;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Randomness;
using EfficientNetSharp.Studies.Replacement;
using EfficientNetSharp.Studies.Search;
using EfficientNetSharp.Studies.Trials;
using EfficientNetSharp.Training.Recipes;

namespace EfficientNetSharp.Studies.Tests;

/// <summary>Studies of networks of three blocks on images of three colours, of which a trial takes a second.</summary>
internal static class SmallStudies
{
    public static readonly Architecture Tiny = ArchitectureRegistry.Get("efficientnet_b0") with
    {
        Name = "tiny",
        Stem = new Stem(8),
        Stages =
        [
            new Stage(BlockKind.MBConv, Kernel: 3, Stride: 1, Expansion: 1, Channels: 8, Repeats: 1, SqueezeExcite: 0.25),
            new Stage(BlockKind.MBConv, Kernel: 3, Stride: 2, Expansion: 4, Channels: 16, Repeats: 2, SqueezeExcite: 0.25),
        ],
        HeadChannels = 32,
        Resolution = 16,
    };

    public static StudyData Data { get; } = new(new DatasetSplits(Make(24, 1), Make(12, 2), Make(12, 3), []), "colours");

    public static StudySettings Settings(StudyKind kind = StudyKind.Fig3) => new()
    {
        Kind = kind,
        Baselines = kind == StudyKind.Search ? [Tiny, Tiny] : [Tiny],
        Recipe = new TrainingRecipe { Epochs = 1, BatchSize = 8, LearningRate = 0.01, Seed = 5 },
        Preprocessing = Preprocessing.ForSize(16, 1),
        Data = Data.Info,
        Seeds = 1,
        Budgets = 1,
        Factors = [2],
        Search = new SearchSettings { Trials = 6, Population = 3, Tournament = 2, FinalEpochs = 1 },
    };

    /// <summary>A result of a trial that was not trained: its accuracy follows from the trial.</summary>
    public static TrialResult Invented(Trial trial, double? top1 = null, long macs = 1000)
    {
        double share = top1 ?? (Convert.ToUInt32(trial.Key[..8], 16) % 101 / 100.0);
        return new TrialResult
        {
            Key = trial.Key,
            Network = trial.Architecture.Name,
            Resolution = trial.Architecture.Resolution,
            Parameters = 100,
            Macs = macs,
            Nodes = 10,
            Epochs = trial.Recipe.Epochs,
            Steps = 3,
            Images = 24,
            BestEpoch = 1,
            Validation = new TrialScore(100, share, 1, 0.5),
            Test = new TrialScore(100, share, 1, 0.25),
            Embedding = trial.Embedding is { } embedding ? InventedEmbedding(embedding, share) : null,
            Seconds = 1.5,
            Host = "here",
        };
    }

    private static EmbeddingResult InventedEmbedding(EmbeddingTrial trial, double share)
    {
        var estimate = new Estimate(share, new Interval(share - 0.05, share + 0.05));
        return new EmbeddingResult
        {
            Images = 100, Identities = 20, Genuine = 200, Impostors = 4750, IsVerification = true,
            Precisions =
            [
                .. trial.Precision.Precisions.Select((precision, i) => new PrecisionResult
                {
                    Precision = precision, Verification = estimate, RecallAt1 = estimate, FileBytes = 1000 / (i + 1), EngineMs = 1.5 / (i + 1),
                    DeviceMs = i == 0 ? null : 2.0 * i, DeviceFileBytes = i == 0 ? null : 500 * i, AcceptedAt1Percent = estimate,
                }),
            ],
        };
    }

    /// <summary>All results of a study whose trials have scores by a rule.</summary>
    public static Dictionary<string, TrialResult> Finish(Study study, Func<Trial, TrialResult> result)
    {
        var results = new Dictionary<string, TrialResult>(StringComparer.Ordinal);
        while (true)
        {
            var open = study.Trials(results).OfType<Trial>().Where(trial => !results.ContainsKey(trial.Key)).ToList();
            if (open.Count == 0) return results;
            foreach (var trial in open) results[trial.Key] = result(trial);
        }
    }

    private static InMemoryDataset Make(int count, ulong seed) => new(
        ["blue", "green", "red"], Enumerable.Range(0, count).Select(i => new InMemoryImage($"{i}.png", i % 3, Draw(i, seed))));

    private static byte[] Draw(int index, ulong seed)
    {
        const int side = 16;
        var random = new SeededRandom(seed, (ulong)index);
        var rgb = new byte[side * side * 3];
        for (int i = 0; i < rgb.Length; i++) rgb[i] = (byte)(random.NextInt(160) + (i % 3 == 2 - (index % 3) ? 95 : 0));
        return ImageEncoder.EncodePng(rgb, side, side);
    }
}
