namespace EfficientNetSharp.Training.Recipes;

/// <summary>What a recipe's numbers may be: for the check of recipes from files and for whoever offers them as options.</summary>
public static class RecipeRanges
{
    // Beyond these a number is a slip, not a plan.
    private const int MaxEpochs = 1_000_000, MaxBatches = 1_000_000, MaxBatch = 65_536, MaxRate = 1000, MaxSteps = 1_000_000_000;

    /// <summary><see cref="TrainingRecipe.Epochs"/>.</summary>
    public static NumberRange Epochs { get; } = new(1, MaxEpochs);

    /// <summary><see cref="TrainingRecipe.ProbeEpochs"/>, epochs of warm-up and of patience.</summary>
    public static NumberRange FurtherEpochs { get; } = new(0, MaxEpochs);

    /// <summary><see cref="TrainingRecipe.MinSteps"/>.</summary>
    public static NumberRange MinSteps { get; } = new(0, MaxSteps);

    /// <summary><see cref="TrainingRecipe.InputShare"/>.</summary>
    public static NumberRange InputShare { get; } = new(0.1, 2);

    /// <summary><see cref="ProbeOptions.Folds"/>.</summary>
    public static NumberRange Folds { get; } = new(1, 100);

    /// <summary><see cref="ProbeOptions.MaxFoldedImages"/>.</summary>
    public static NumberRange MaxFoldedImages { get; } = new(0, int.MaxValue);

    /// <summary><see cref="TrainingRecipe.BatchSize"/>.</summary>
    public static NumberRange BatchSize { get; } = new(2, MaxBatch);

    /// <summary><see cref="TrainingRecipe.Accumulation"/>; a batch allows no more than half its images, so that a part has two.</summary>
    public static NumberRange Accumulation { get; } = new(1, MaxBatch / 2);

    /// <summary>Learning rates and their scale.</summary>
    public static NumberRange LearningRate { get; } = new(0, MaxRate, IncludesMin: false, IncludesMax: false);

    /// <summary><see cref="TrainingRecipe.LayerDecay"/>.</summary>
    public static NumberRange LayerDecay { get; } = new(0, 1, IncludesMin: false);

    /// <summary>Weight decay.</summary>
    public static NumberRange WeightDecay { get; } = new(0, MaxRate, IncludesMax: false);

    /// <summary>Limits of <see cref="TrainingRecipe.Clipping"/>.</summary>
    public static NumberRange Clipping { get; } = NumberRange.Above(0);

    /// <summary>Label smoothing, the averages' decay, momentum, dropout and stochastic depth.</summary>
    public static NumberRange Share { get; } = NumberRange.ShareBelow1;

    /// <summary><see cref="TrainingRecipe.PreciseStatisticsBatches"/>.</summary>
    public static NumberRange PreciseStatisticsBatches { get; } = new(0, MaxBatches);

    /// <summary>Temperature of <see cref="TrainingRecipe.Distillation"/>.</summary>
    public static NumberRange DistillationTemperature { get; } = new(0, 1000, IncludesMin: false);

    /// <summary>Weight of <see cref="TrainingRecipe.Distillation"/>.</summary>
    public static NumberRange DistillationWeight { get; } = new(0, 1);

    /// <summary><see cref="EmbeddingOptions.Scale"/> and those of MultiSimilarity.</summary>
    public static NumberRange LossScale { get; } = new(0, 10_000, IncludesMin: false);

    /// <summary>Margins of losses of embeddings.</summary>
    public static NumberRange LossMargin { get; } = new(0, Math.PI / 2);

    /// <summary><see cref="EmbeddingOptions.Memory"/>.</summary>
    public static NumberRange EmbeddingMemory { get; } = new(0, 1_000_000);

    /// <summary><see cref="EmbeddingOptions.SampledIdentities"/>.</summary>
    public static NumberRange SampledIdentities { get; } = new(0, 1, IncludesMin: false);

    /// <summary><see cref="EmbeddingOptions.ImagesPerClass"/>.</summary>
    public static NumberRange ImagesPerClass { get; } = new(0, 1000);

    /// <summary><see cref="TrainingRecipe.KeepBest"/>.</summary>
    public static NumberRange KeepBest { get; } = new(1, 1000);
}
