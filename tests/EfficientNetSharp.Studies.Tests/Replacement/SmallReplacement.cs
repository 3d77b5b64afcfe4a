using EfficientNetSharp.Architectures;
using EfficientNetSharp.Data;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Randomness;
using EfficientNetSharp.Studies.Replacement;
using EfficientNetSharp.Studies.Trials;
using EfficientNetSharp.Training.Recipes;

namespace EfficientNetSharp.Studies.Tests.Replacement;

/// <summary>Replacement studies of small networks on images of a few colours, of which a trial takes a second or two.</summary>
internal static class SmallReplacement
{
    public const int Side = 16;

    /// <summary>Eight identities to learn, four that choose the epoch, five that judge; five images of each.</summary>
    public static StudyData Data { get; } = new(
        new DatasetSplits(Make("learned", 8, 1), Make("choosing", 4, 2), Make("judging", 5, 3), []) { HoldsOutClasses = true }, "colours");

    public static Architecture Network(string head, string name) => ArchitectureOptions.Parse($"head={head},features=16")
        .Apply(SmallStudies.Tiny with { Name = name, Resolution = Side });

    public static StudySettings Settings() => new()
    {
        Kind = StudyKind.Replace,
        Baselines = [Network("gdc", "product"), Network("pooled", "tiny"), Network("flatten", "tiny")],
        Recipe = new TrainingRecipe
        {
            Task = TaskKind.Embedding, Embedding = new EmbeddingOptions { Scale = 16, MarginWarmUpEpochs = 1 }, Epochs = 2, BatchSize = 8,
            LearningRate = 0.01, LabelSmoothing = 0, EmaDecay = 0.9, Seed = 5,
        },
        Preprocessing = Preprocessing.ForSize(Side, 1),
        Data = Data.Info,
        Seeds = 1,
        Budgets = 1,
        Replacement = new ReplacementSettings
        {
            Distills = true, Precision = new PrecisionSettings { CalibrationImages = 8, DeviceResolution = 32 },
            Limits = new ReplacementLimits { MaxMs = 1000 },
        },
    };

    private static InMemoryDataset Make(string name, int identities, ulong seed)
    {
        const int each = 5;
        return new InMemoryDataset(
            [.. Enumerable.Range(0, identities).Select(identity => $"{name}{identity:00}")],
            Enumerable.Range(0, identities * each).Select(i => new InMemoryImage($"{name}{i}.png", i / each, Draw(i / each, i, seed))));
    }

    // An identity is a colour under noise.
    private static byte[] Draw(int identity, int image, ulong seed)
    {
        var colour = new SeededRandom(seed, (ulong)identity);
        int[] mean = [colour.NextInt(180), colour.NextInt(180), colour.NextInt(180)];
        var noise = new SeededRandom(seed, 1000 + (ulong)image);
        var rgb = new byte[Side * Side * 3];
        for (int i = 0; i < rgb.Length; i++) rgb[i] = (byte)(mean[i % 3] + noise.NextInt(75));
        return ImageEncoder.EncodePng(rgb, Side, Side);
    }
}
