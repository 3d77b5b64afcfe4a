using EfficientNetSharp.Architectures;
using EfficientNetSharp.Data;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Recipes;

namespace EfficientNetSharp.Training.Tests;

/// <summary>A network of three blocks and images of three colours, which train in a second.</summary>
internal static class SmallJobs
{
    public static readonly Architecture Tiny = ArchitectureRegistry.Get("efficientnet_b0") with
    {
        Name = "tiny",
        Stem = new Stem(8),
        Stages = [new Stage(BlockKind.MBConv, Kernel: 3, Stride: 1, Expansion: 1, Channels: 8, Repeats: 1, SqueezeExcite: 0.25),
        new Stage(BlockKind.MBConv, Kernel: 5, Stride: 2, Expansion: 4, Channels: 16, Repeats: 2, SqueezeExcite: 0.25)],
        HeadChannels = 32,
        Resolution = 24,
    };

    public static readonly DatasetSplits Splits = new(Images.Make(34, 1), Images.Make(15, 2), null, []);

    // Dropout and stochastic depth are on, so that their choices must survive a stop too.
    public static readonly TrainingRecipe Recipe = new()
    {
        Epochs = 3, BatchSize = 8, LearningRate = 0.01, StochasticDepth = 0.3, Dropout = 0.3, Seed = 5,
    };

    public static TrainingJob In(string? folder) => new()
    {
        Network = Tiny, Data = Splits, Preprocessing = Preprocessing.ForSize(24, 1), Recipe = Recipe, Folder = folder,
    };

    /// <summary>The network with an embedding in the place of its classifier.</summary>
    public static readonly Architecture TinyEmbedding = Tiny with
    {
        Name = "tiny_embedding",
        Embedding = new EmbeddingHead(EmbeddingKind.Pooled, 16),
    };

    public static TrainingOutcome Train(TrainingJob job) => Trainer.Run(job, cancellationToken: TestContext.Current.CancellationToken);
}
