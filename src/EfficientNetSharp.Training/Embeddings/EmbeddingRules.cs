using EfficientNetSharp.Architectures;
using EfficientNetSharp.Training.Optimizers;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Tasks;

namespace EfficientNetSharp.Training.Embeddings;

/// <summary>What the settings of an embedding may be, by themselves and together with the rest of a run.</summary>
internal static class EmbeddingRules
{
    /// <summary>Checks each number.</summary>
    /// <exception cref="InvalidInputException">One is out of its range.</exception>
    public static void Check(EmbeddingOptions options)
    {
        Require(Enum.IsDefined(options.Loss), "loss", options.Loss, Names<EmbeddingLossKind>());
        Require(Enum.IsDefined(options.Gradient), "gradient", options.Gradient, Names<MarginGradient>());
        Require(Enum.IsDefined(options.Mining), "mining", options.Mining, Names<TripletMining>());
        Within(RecipeRanges.LossScale, options.LossScale, "scale");
        Within(RecipeRanges.LossMargin, options.LossMargin, "margin");
        Require(options.Combined is not null, "combined margins", "nothing", "some, or {} for the usual");
        Within(new NumberRange(1, 10), options.Combined!.Multiplier, "combined multiplier");
        Within(RecipeRanges.LossMargin, options.Combined.Angle, "combined angle");
        Within(RecipeRanges.LossMargin, options.Combined.Cosine, "combined cosine margin");
        Within(RecipeRanges.Share, options.InterclassFilter, "interclass filter");
        Within(NumberRange.Above(0), options.Concentration, "concentration");
        Within(new NumberRange(0, 1, IncludesMin: false), options.LengthMomentum, "length momentum");
        CheckMagFace(options.MagFace);
        Within(new NumberRange(1, 100), options.Subcenters, "subcenters");
        Within(RecipeRanges.LossScale, options.PositiveScale, "positive scale");
        Within(RecipeRanges.LossScale, options.NegativeScale, "negative scale");
        Within(new NumberRange(0, 2), options.MiningMargin, "mining margin");
        Within(new NumberRange(0, 100_000), options.CenterRateScale, "center rate");
        Within(RecipeRanges.EmbeddingMemory, options.Memory, "memory");
        Within(RecipeRanges.FurtherEpochs, options.MemoryWarmUpEpochs, "memory's warm-up epochs");
        Within(RecipeRanges.SampledIdentities, options.SampledIdentities, "sampled identities");
        Within(RecipeRanges.ImagesPerClass, options.ImagesPerClass ?? 0, "images per class");
        Within(RecipeRanges.FurtherEpochs, options.SoftmaxEpochs, "softmax epochs");
        Within(RecipeRanges.FurtherEpochs, options.CosFaceEpochs, "CosFace epochs");
        Within(RecipeRanges.FurtherEpochs, options.MarginWarmUpEpochs, "margin's warm-up epochs");
        Within(new NumberRange(0, 100_000), options.Resolution, "resolution");
        Require(options.Network is not null, "network", "nothing", "options such as head=gdc");
        if (ArchitectureOptions.Parse(options.Network!).Head is null)
            throw new InvalidInputException($"The embedding's network: expected a head, as in head=gdc, found '{options.Network}'.");
        CheckLoss(options);
    }

    /// <summary>Checks them with what else a run is made of.</summary>
    /// <exception cref="InvalidInputException">Something does not go together; the message says what to leave out.</exception>
    public static void CheckRun(TaskContext context, EmbeddingOptions options)
    {
        var recipe = context.Recipe;
        if (recipe.Mixing.IsOn || recipe.Progressive?.MaxMixupAlpha > 0)
            throw new InvalidInputException("An image of two identities is of neither: an embedding does not learn from mixed images; leave mixup and CutMix out.");
        if (context.Network.Architecture?.Embedding is { Kind: not EmbeddingKind.Pooled }
            && (recipe.InputShare != 1 || recipe.Progressive is not null))
        {
            throw new InvalidInputException(
                $"'{context.Network.Name}' fits one size of images, and the recipe trains at several; leave inputShare and progressive out, or " +
                "name a network with head=pooled.");
        }

        if (recipe.BatchSize % options.GroupSize != 0)
        {
            throw new InvalidInputException(
                $"Batches of {recipe.BatchSize} images are no whole groups of {options.GroupSize} of a class; make the batch a multiple of " +
                $"{options.GroupSize}, or the groups another size (--images-per-class).");
        }

        if (!options.HasMargin && recipe.Accumulation > 1)
        {
            throw new InvalidInputException(
                $"{options.Loss} compares the images of a batch, and accumulation would compute it in parts that do not see each other; leave " +
                "--accumulate out, or add a --memory to a smaller batch.");
        }

        if (options.SplitIdentities && context.Data.Train.Classes.Length < context.Processes)
        {
            throw new InvalidInputException(
                $"{context.Data.Train.Classes.Length} identities cannot be split over {context.Processes} processes; use fewer, or leave the split out.");
        }

        if (options.SplitIdentities && recipe.Optimizer == OptimizerKind.Lamb)
        {
            throw new InvalidInputException(
                "LAMB scales a step by the length of all centres, of which each process has a part; name another optimizer, or leave the split out.");
        }

        if (options.Memory > 0 && context.Processes > 1)
            throw new InvalidInputException("A memory of embeddings is for one process: each of several would have another; leave --memory out.");
    }

    private static void CheckMagFace(MagFaceOptions options)
    {
        Require(options is not null, "MagFace ranges", "nothing", "some, or {} for the usual");
        Require(
            options is { MinLength: > 0 } && options.MaxLength > options.MinLength && double.IsFinite(options.MaxLength),
            "MagFace lengths", $"{options!.MinLength} to {options.MaxLength}", "a range above 0");
        Within(RecipeRanges.LossMargin, options.MinMargin, "MagFace minimum margin");
        Within(RecipeRanges.LossMargin, options.MaxMargin, "MagFace maximum margin");
        Within(new NumberRange(0, 1e6), options.LengthWeight, "MagFace length weight");
    }

    private static void CheckLoss(EmbeddingOptions options)
    {
        if (options.HasPairs && options.GroupSize < 2)
            throw new InvalidInputException($"{options.Loss} learns from pairs of one class in a batch; give at least 2 images per class.");
        if (options is { HasPairs: false, Memory: > 0 })
            throw new InvalidInputException($"A memory gives further pairs, and {options.Loss} has none; leave it out, or name a loss of pairs.");
        if (options is { Loss: EmbeddingLossKind.Triplet, Memory: > 0, Mining: not TripletMining.Hardest })
            throw new InvalidInputException("With a memory there are too many triplets to look at; mine the hardest, or leave the memory out.");
        if (options is { HasMargin: false, SampledIdentities: < 1 })
            throw new InvalidInputException($"Identities are sampled for a softmax, and {options.Loss} has none; leave the share out.");
        if (options.SplitIdentities && (!options.HasMargin || options.Loss == EmbeddingLossKind.CurricularFace))
            throw new InvalidInputException($"The identities of {options.Loss} cannot be split over processes; leave the split out, or name another margin loss.");
        if (options is { HasMargin: false } and ({ SoftmaxEpochs: > 0 } or { CosFaceEpochs: > 0 } or { MarginWarmUpEpochs: > 0 }))
            throw new InvalidInputException($"Schedules of the margin are for margin losses, and {options.Loss} is none; leave them out.");
    }

    private static string Names<T>()
        where T : struct, Enum => string.Join(" or ", Enum.GetNames<T>());

    private static void Within(NumberRange range, double value, string what) => range.Require(value, $"The embedding's {what}");

    private static void Require(bool holds, string what, object? found, string expected)
    {
        if (!holds)
            throw new InvalidInputException(FormattableString.Invariant($"The embedding's {what}: expected {expected}, found {found}."));
    }
}
