using System.CommandLine;
using System.Globalization;
using System.Numerics;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Cli.Support.Words;
using EfficientNetSharp.Data.Mixing;
using EfficientNetSharp.Imaging.Augmentations;
using EfficientNetSharp.Imaging.Transforms;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Distributed;
using EfficientNetSharp.Training.Embeddings;
using EfficientNetSharp.Training.Optimizers;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Schedules;
using EfficientNetSharp.Training.Torch;

namespace EfficientNetSharp.Cli.Support;

/// <summary>The options that say how to train: a recipe by name or path, and what replaces its values.</summary>
internal sealed class RecipeOptions
{
    /// <summary>The recipe for training from scratch, and the one for trained weights, where none is named.</summary>
    private const string FromScratch = "small_data", FromWeights = "finetune";

    /// <summary>The one for a quantized model, which learns to make up for its rounding.</summary>
    private const string FromIntegers = "qat";

    /// <summary>The same for embeddings.</summary>
    private const string EmbeddingFromScratch = "arcface", EmbeddingFromWeights = "goods";

    private readonly Option<TaskKind?> _task = Choices.Of<TaskKind>(
        "--task", "What to train for: classification, or an embedding by which identities are told apart that training has not seen");

    private readonly Option<EmbeddingLossKind?> _loss = Choices.Of<EmbeddingLossKind>("--loss", "What an embedding learns by");

    private readonly InputOption _recipe = new("--recipe", InputKind.File)
    {
        Description =
        $"A recipe's name or .json file; {FromScratch} if not given, {FromWeights} with --from, {FromIntegers} from a quantized model; of an embedding {EmbeddingFromScratch} and {EmbeddingFromWeights}. What follows replaces its values.",
    };

    private readonly List<IRecipeOption> _changes = [];
    private readonly List<Option> _ofEmbeddings = [];

    public RecipeOptions()
    {
        Add(_task, (r, v) => r with { Task = v!.Value }, r => r.Task);
        Add(_loss, (r, v) => Embed(r, e => e.WithLoss(v!.Value)), r => r.Embedding.Loss);
        Number<double>("--loss-scale", "What cosines are multiplied by in an embedding's loss.", RecipeRanges.LossScale,
            (r, v) => Embed(r, e => e with { Scale = v }),
            r => r.Embedding.LossScale);
        Number<double>("--margin", "The margin of an embedding's loss.", RecipeRanges.LossMargin, (r, v) => Embed(r, e => e with { Margin = v }),
            r => r.Embedding.LossMargin);
        Choice<MarginGradient>("--margin-gradient", "How a margin is differentiated; straightthrough as insightface does",
            (r, v) => Embed(r, e => e with { Gradient = v }),
            r => r.Embedding.Gradient);
        Choice<TripletMining>("--mining", "Which triplets count", (r, v) => Embed(r, e => e with { Mining = v }),
            r => r.Embedding.Mining);
        Number<int>("--subcenters", "Centres per identity of the subcenterarcface loss.", new NumberRange(1, 100),
            (r, v) => Embed(r, e => e with { Subcenters = v }),
            r => r.Embedding.Subcenters);
        Number<int>("--images-per-class", "Images of one identity that stand together in a batch; 0 for a plain shuffle.",
            RecipeRanges.ImagesPerClass, (r, v) => Embed(r, e => e with { ImagesPerClass = v }),
            r => r.Embedding.GroupSize);
        Flag("--balanced", "Show every identity equally often.", (r, v) => Embed(r, e => e with { Balanced = v }));
        Number<int>("--memory", "Embeddings of earlier batches that pairs are made with as well.", RecipeRanges.EmbeddingMemory,
            (r, v) => Embed(r, e => e with { Memory = v }),
            r => r.Embedding.Memory);
        Number<double>("--sampled-identities", "Share of the identities that a step's softmax has (Partial-FC).",
            RecipeRanges.SampledIdentities, (r, v) => Embed(r, e => e with { SampledIdentities = v }),
            r => r.Embedding.SampledIdentities);
        Flag("--split-identities", "On several processes: each alone keeps and trains the centres of its share of the identities.",
            (r, v) => Embed(r, e => e with { SplitIdentities = v }));
        Number<double>("--softmax-epochs", "Epochs of a plain softmax before the margin loss.", RecipeRanges.FurtherEpochs,
            (r, v) => Embed(r, e => e with { SoftmaxEpochs = v }),
            r => r.Embedding.SoftmaxEpochs);
        Number<double>("--cosface-epochs", "Epochs of CosFace before the margin loss.", RecipeRanges.FurtherEpochs,
            (r, v) => Embed(r, e => e with { CosFaceEpochs = v }),
            r => r.Embedding.CosFaceEpochs);
        Number<double>("--margin-warmup", "Epochs over which the margin grows from 0.", RecipeRanges.FurtherEpochs,
            (r, v) => Embed(r, e => e with { MarginWarmUpEpochs = v }),
            r => r.Embedding.MarginWarmUpEpochs);
        // The task itself is for either.
        _ofEmbeddings.AddRange(_changes.Skip(1).Select(change => change.Option));
        Number<int>("--epochs", "Passes over the training images.", RecipeRanges.Epochs, (r, v) => r with { Epochs = v, MinSteps = 0 },
            r => r.Epochs);
        Number<int>("--min-steps", "Steps at least: with few images an epoch passes over them as often as that needs.",
            RecipeRanges.MinSteps, (r, v) => r with { MinSteps = v },
            r => r.MinSteps);
        Flag("--probe-only", "With --from: fit a classifier to the network's features, which takes seconds, and train nothing else.",
            (r, v) => r.Probe is null && !v ? r : r with { Probe = (r.Probe ?? new ProbeOptions()) with { Only = v } });
        Flag("--no-probe", "With --from: draw a fresh classifier instead of fitting one first.", (r, v) => v ? r with { Probe = null } : r);
        Number<int>("--probe-epochs", "Epochs before them in which the classifier alone learns.", RecipeRanges.FurtherEpochs,
            (r, v) => r with { ProbeEpochs = v },
            r => r.ProbeEpochs);
        Number<int>("--batch-size", "Images of a step.", RecipeRanges.BatchSize, (r, v) => r with { BatchSize = v },
            r => r.BatchSize);
        Number<int>("--accumulate", "Parts that a step's batch is computed in, for less memory.", RecipeRanges.Accumulation,
            (r, v) => r with { Accumulation = v },
            r => r.Accumulation);
        Choice<OptimizerKind>("--optimizer", "The optimizer", (r, v) => r with { Optimizer = v },
            r => r.Optimizer);
        Number<double>("--learning-rate", "Peak learning rate, as it is.", RecipeRanges.LearningRate,
            (r, v) => r with { LearningRate = v, LearningRateBatch = null, LearningRateScale = 1 },
            r => r.PeakLearningRate);
        Number<double>("--probe-learning-rate", "Learning rate of the probe epochs.", RecipeRanges.LearningRate,
            (r, v) => r with { ProbeLearningRate = v },
            r => (object?)r.ProbeLearningRate ?? "that of --learning-rate");
        Number<double>("--layer-decay", "Share of the learning rate that each block has of the one after it.", RecipeRanges.LayerDecay,
            (r, v) => r with { LayerDecay = v },
            r => r.LayerDecay);
        Number<double>("--weight-decay", "Weight decay.", RecipeRanges.WeightDecay, (r, v) => r with { WeightDecay = v },
            r => r.Decay);
        Choice<DecayRule>("--decay-rule", "What decays", (r, v) => r with { DecayRule = v },
            r => r.DecayRule);
        Choice<ScheduleKind>("--schedule", "How the learning rate falls", (r, v) => r with { Schedule = r.Schedule with { Kind = v } },
            r => r.Schedule.Kind);
        Number<double>("--warm-up-epochs", "Epochs of linear warm-up, at most a fifth of the run.", RecipeRanges.FurtherEpochs,
            (r, v) => r with { Schedule = r.Schedule with { WarmUpEpochs = v } },
            r => r.Schedule.WarmUpEpochs);
        Number<double>("--clip-norm", "Largest length of all gradients together.", RecipeRanges.Clipping,
            (r, v) => r with { Clipping = r.Clipping with { Norm = v } },
            r => r.Clipping.Norm);
        Number<double>("--clip-value", "Largest size of a gradient.", RecipeRanges.Clipping,
            (r, v) => r with { Clipping = r.Clipping with { Value = v } },
            r => r.Clipping.Value);
        Number<double>("--clip-adaptive", "Largest length of a unit's gradient as a share of its weights' length; 0.01 is usual.",
            RecipeRanges.Clipping,
            (r, v) => r with { Clipping = r.Clipping with { Adaptive = v } },
            r => r.Clipping.Adaptive);
        Number<double>("--label-smoothing", "Share of the target spread over all classes.", RecipeRanges.Share,
            (r, v) => r with { LabelSmoothing = v },
            r => r.LabelSmoothing);
        Number<double>("--ema-decay", "Memory of the averaged weights; 0 turns averaging off.", RecipeRanges.Share,
            (r, v) => r with { EmaDecay = v },
            r => r.EmaDecay);
        Number<double>("--dropout", "Dropout before the classifier.", RecipeRanges.Share, (r, v) => r with { Dropout = v },
            r => (object?)r.Dropout ?? "the network's");
        Number<double>("--stochastic-depth", "Rate at the last block; the paper's is 0.2.", RecipeRanges.Share,
            (r, v) => r with { StochasticDepth = v },
            r => (object?)r.StochasticDepth ?? "the network's");
        Text("--freeze", "Parts that do not learn: stem, stages by number (0-2), head, all.", (r, v) => r with { Freeze = v },
            r => r.Freeze);
        Flag("--fixed-statistics", "Batch normalisations keep their running statistics.", (r, v) => r with { FixedStatistics = v });
        Number<int>("--precise-statistics", "Batches to measure the best epoch's running statistics anew with, at the end.",
            RecipeRanges.PreciseStatisticsBatches,
            (r, v) => r with { PreciseStatisticsBatches = v },
            r => r.PreciseStatisticsBatches);
        Number<double>("--distill-temperature", "Temperature of learning from --teacher.", RecipeRanges.DistillationTemperature,
            (r, v) => r with { Distillation = r.Distillation with { Temperature = v } },
            r => r.Distillation.Temperature);
        Number<double>("--distill-weight", "The teacher's share of the loss.", RecipeRanges.DistillationWeight,
            (r, v) => r with { Distillation = r.Distillation with { Weight = v } },
            r => r.Distillation.Weight);
        Number<int>("--patience", "End after this many epochs without a better one; 0 for never.", RecipeRanges.FurtherEpochs,
            (r, v) => r with { Patience = v },
            r => r.Patience);
        Number<int>("--keep-best", "How many of the best epochs' models are kept.", RecipeRanges.KeepBest,
            (r, v) => r with { KeepBest = v },
            r => r.KeepBest);
        Choice<Precision>("--precision", "Numbers that a pass computes in", (r, v) => r with { Precision = v },
            r => r.Precision);
        Choice<BatchNormScope>("--batch-norm", "Whose images a normalisation takes together on several processes",
            (r, v) => r with { BatchNorm = v },
            r => r.BatchNorm);
        Number<double>("--min-crop-scale", "Least share of an image's area that a training crop covers; ImageNet's is 0.08.",
            AugmentationRanges.CropScale,
            (r, v) => Augment(r, a => a with { MinScale = v }),
            r => r.Augmentation.MinScale);
        Flag("--no-flip", "Do not mirror images: for digits, text, signs.",
            (r, v) => v ? Augment(r, a => a with { FlipProbability = 0 }) : r);
        Number<double>("--color-jitter", "Strength of random brightness, contrast and saturation.", AugmentationRanges.Jitter,
            (r, v) => Augment(r, a => a with { Brightness = v, Contrast = v, Saturation = v }),
            r => r.Augmentation.Brightness);
        Number<double>("--grey", "Share of the images that lose their colours.", AugmentationRanges.Share,
            (r, v) => Augment(r, a => a with { Grey = v }),
            r => r.Augmentation.Grey);
        Number<double>("--low-resolution", "Share of the images that are made small and large again, as if seen from far away.",
            AugmentationRanges.Share, (r, v) => Augment(r, a => a with { LowResolution = v }),
            r => r.Augmentation.LowResolution);
        Text("--augment", "An augmentation policy by name, such as rand-m9-mstd0.5, tpu-v0 or trivial.",
            (r, v) => Augment(r, a => a with { Policy = v, PolicyMagnitude = null }),
            r => r.Augmentation.Policy);
        Number<double>("--erase", "Share of the images of which a rectangle is erased.", AugmentationRanges.Share,
            (r, v) => Augment(r, a => a with { Erasing = v > 0 ? new RandomErasingOptions(v, ErasingMode.RandomPixels) : null }),
            r => r.Augmentation.Erasing?.Probability ?? 0);
        Number<double>("--mixup", "Mixup's alpha; 0.2 is usual.", MixingOptions.AlphaRange,
            (r, v) => r with { Mixing = r.Mixing with { MixupAlpha = v } },
            r => r.Mixing.MixupAlpha);
        Number<double>("--cutmix", "CutMix's alpha; 1 is usual.", MixingOptions.AlphaRange,
            (r, v) => r with { Mixing = r.Mixing with { CutMixAlpha = v } },
            r => r.Mixing.CutMixAlpha);
        Number<ulong>("--seed", "Names the run: equal seeds give equal weights.", SharedOptions.Seeds,
            (r, v) => r with { Seed = v },
            r => r.Seed);
    }

    private interface IRecipeOption
    {
        Option Option { get; }

        TrainingRecipe Apply(TrainingRecipe recipe, ParseResult parsed);
    }

    /// <summary>The recipes that come with the tool.</summary>
    public static RecipeLibrary Library { get; } = new(Path.Combine(AppContext.BaseDirectory, "recipes"));

    public void AddTo(Command command)
    {
        command.Add(_recipe);
        foreach (var change in _changes) command.Add(change.Option);
    }

    /// <summary>The recipe that the words ask for.</summary>
    /// <param name="parsed">The words.</param>
    /// <param name="start">The model that training starts from; <see langword="null"/> for drawn weights.</param>
    /// <returns>It, and the name of the recipe that it began as.</returns>
    public (TrainingRecipe Recipe, string Name) Get(ParseResult parsed, Model? start)
    {
        string given = parsed.GetValue(_recipe) ?? (start?.Graph.Quantization is not null ? FromIntegers
            : parsed.GetValue(_task) == TaskKind.Embedding
                ? start is null ? EmbeddingFromScratch : EmbeddingFromWeights
                : start is null ? FromScratch : FromWeights);
        var recipe = Library.Get(given);
        // One recipe for both: what a quantized model is for, it says itself.
        if (given == FromIntegers && start is not null && NetworkDefinition.Of(start).EmbeddingFeatures is not null)
            recipe = recipe with { Task = TaskKind.Embedding };
        foreach (var change in _changes) recipe = change.Apply(recipe, parsed);
        if (recipe.Task != TaskKind.Embedding && _ofEmbeddings.Find(option => parsed.GetResult(option) is { Implicit: false }) is { } stray)
            throw new InvalidInputException($"{stray.Name} is for embeddings, and this run names classes; add --task embedding, or leave it out.");
        recipe.Check();
        return (recipe, RecipeLibrary.NameOf(given));
    }

    /// <summary>Whether anything here was said.</summary>
    public bool AnyGiven(ParseResult parsed) => parsed.GetResult(_recipe) is { Implicit: false }
        || _changes.Any(change => parsed.GetResult(change.Option) is { Implicit: false });

    private static TrainingRecipe Embed(TrainingRecipe recipe, Func<EmbeddingOptions, EmbeddingOptions> change) =>
        recipe with { Embedding = change(recipe.Embedding) };

    private static TrainingRecipe Augment(TrainingRecipe recipe, Func<AugmentationOptions, AugmentationOptions> change) =>
        recipe with { Augmentation = change(recipe.Augmentation) };

    private void Number<T>(
        string name, string description, NumberRange range, Func<TrainingRecipe, T, TrainingRecipe> set, Func<TrainingRecipe, object?> get)
        where T : struct, INumber<T> => Add(SharedOptions.Ranged(new Option<T>(name) { Description = description }, range), set, get);

    private void Text(
        string name, string description, Func<TrainingRecipe, string, TrainingRecipe> set, Func<TrainingRecipe, object?> get) =>
        Add(new Option<string>(name) { Description = description }, set, get);

    // 'false' behind one takes back what a recipe says.
    private void Flag(string name, string description, Func<TrainingRecipe, bool, TrainingRecipe> set) =>
        Add(new Option<bool>(name) { Description = description }, set, null);

    private void Choice<T>(
        string name, string description, Func<TrainingRecipe, T, TrainingRecipe> set, Func<TrainingRecipe, object?> get)
        where T : struct, Enum => Add(Choices.Of<T>(name, description), (recipe, given) => set(recipe, given!.Value), get);

    private void Add<T>(Option<T> option, Func<TrainingRecipe, T, TrainingRecipe> set, Func<TrainingRecipe, object?>? get)
    {
        _changes.Add(new RecipeOption<T>(option, set));
        if (get is not null) HelpPage.StateDefault(option, () => DefaultOf(option, get));
    }

    // What the recipes have that are taken where none is named.
    private string DefaultOf(Option option, Func<TrainingRecipe, object?> get)
    {
        string[] recipes = _ofEmbeddings.Contains(option) ? [EmbeddingFromScratch, EmbeddingFromWeights] : [FromScratch, FromWeights];
        string[] values = [.. recipes.Select(recipe => Written(get(Library.Get(recipe))))];
        return values[0] == values[1] ? values[0] : $"{values[0]}, {recipes[1]} {values[1]}";
    }

    private static string Written(object? value) => value switch
    {
        null or "" => "none",
        double number => NumberText.Of(number),
        Enum word => word.ToString().ToLowerInvariant(),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        var other => $"{other}",
    };

    private sealed record RecipeOption<T>(Option<T> Typed, Func<TrainingRecipe, T, TrainingRecipe> Set) : IRecipeOption
    {
        public Option Option => Typed;

        // Only what was said replaces the recipe's value.
        public TrainingRecipe Apply(TrainingRecipe recipe, ParseResult parsed) =>
            parsed.GetResult(Typed) is { Implicit: false } ? Set(recipe, parsed.GetValue(Typed)!) : recipe;
    }
}
