using System.Collections.Immutable;

namespace EfficientNetSharp.Data;

/// <summary>The parts of a dataset that training needs; all have the same class list, but where classes are held out.</summary>
/// <param name="Train">What is learned from; every class has at least one image.</param>
/// <param name="Validation">What progress is measured on and the best epoch chosen by; has at least one image.</param>
/// <param name="Test">What is measured once at the end, or null when there is none.</param>
/// <param name="Warnings">What a person should know but training can live with, one line each.</param>
public sealed record DatasetSplits(
    IImageDataset Train,
    IImageDataset Validation,
    IImageDataset? Test,
    ImmutableArray<string> Warnings)
{
    /// <summary>What the layout was recognised as, for people.</summary>
    public string Format { get; init; } = "images";

    /// <summary>What lies in the dataset, or is named by a list of it, and is not among the images; the warnings tell of it too.</summary>
    public ImmutableArray<LeftOut> LeftOut { get; init; } = [];

    /// <summary>
    /// All images that <see cref="Train"/> and <see cref="Validation"/> were cut out of, where nothing divided them before: whoever has
    /// another way to judge may learn from all. <see langword="null"/> where the dataset brings a part to validate with, or a minival is
    /// wanted.
    /// </summary>
    public IImageDataset? Undivided { get; init; }

    /// <summary>Whether the parts have classes of their own: <see cref="DatasetOptions.HoldsOutClasses"/>.</summary>
    public bool HoldsOutClasses { get; init; }

    /// <summary>
    /// Sets aside what the dataset does not bring. Without a minival, its validation part validates, or a share of the training part where
    /// it has none. With one, the minival validates, and the dataset's test part, else its validation part, else a share of the training
    /// part, is left to judge at the end.
    /// </summary>
    /// <param name="parts">The dataset as it lies on disk.</param>
    /// <param name="options">What is set aside; <see langword="null"/> for the defaults.</param>
    /// <exception cref="InvalidInputException">
    /// There is no training part, it is too small to set anything aside, or an option is out of its range.
    /// </exception>
    public static DatasetSplits Of(DatasetParts parts, DatasetOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(parts);
        options ??= new DatasetOptions();
        Check(options);
        var train = parts.Train ?? throw new InvalidInputException(
            $"Expected a part '{PartNames.Train}' in '{parts.Root}' ({parts.Format}), found only " +
            $"{FolderNames(parts)}. Add it, or name the folder that holds the class folders.");
        var warnings = ImmutableArray.CreateBuilder<string>();
        warnings.AddRange(parts.Warnings);
        bool hasMinival = options.MinivalFraction > 0 || options.MinivalShards > 0;
        var (validation, test) = (parts.Validation, parts.Test);
        if (validation is null && !(hasMinival && test is not null))
            (train, validation) = SetAside(train, options.ValidationFraction, options, parts, "validation", warnings);
        if (hasMinival)
        {
            if (test is not null && validation is not null)
                warnings.Add("The best epoch is chosen by the minival and judged on the test part; the validation part is left out.");
            test ??= validation;
            (train, validation) = options.MinivalShards > 0
                ? FirstShards(train, options.MinivalShards, parts)
                : SetAside(train, options.MinivalFraction, options, parts, "the minival", warnings);
        }

        if (options.HoldsOutClasses)
        {
            (train, validation, test) = (PresentClasses.Of(train), PresentClasses.Of(validation!), test is null ? null : PresentClasses.Of(test));
            var judging = test ?? validation;
            int known = train.Classes.Intersect(judging.Classes, StringComparer.Ordinal).Count();
            if (known > 0)
            {
                warnings.Add(
                    $"The network learns {known} of the {NumberText.Counted(judging.Classes.Length, "identity", "identities")} that it is " +
                    "judged by, so the score says little of strangers. Name a folder of identities that is not divided, and some are held out.");
            }
        }

        return new DatasetSplits(train, validation!, test, warnings.ToImmutable())
        {
            Format = parts.Format, LeftOut = parts.LeftOut,
            HoldsOutClasses = options.HoldsOutClasses,
            Undivided = parts.Validation is null && !hasMinival && !options.HoldsOutClasses ? parts.Train : null,
        };
    }

    private static void Check(DatasetOptions options)
    {
        StratifiedSplit.RequireFraction(options.ValidationFraction);
        if (options.MinivalFraction != 0) StratifiedSplit.RequireFraction(options.MinivalFraction);
        if (options is { HoldsOutClasses: true, MinivalShards: > 0 })
            throw new InvalidInputException("Expected whole classes or shards to be set aside, found both. Leave one of them out.");
        if (options.MinivalShards < 0)
            throw new InvalidInputException($"Expected 0 shards or more for the minival, found {options.MinivalShards}.");
        if (options.MinivalFraction != 0 && options.MinivalShards > 0)
            throw new InvalidInputException("Expected a minival by share or by shards, found both. Leave one of them out.");
    }

    private static (IImageDataset Train, IImageDataset Aside) SetAside(
        IImageDataset all, double fraction, DatasetOptions options, DatasetParts parts, string purpose,
        ImmutableArray<string>.Builder warnings)
    {
        if (options.HoldsOutClasses)
        {
            var split = HeldOutClasses.Of(all, fraction, options.Seed);
            return split.Aside.Count > 0 ? split : throw new InvalidInputException(
                $"Expected four identities or more in '{parts.Root}', two of them with two images or more, to hold two out for {purpose}, found " +
                $"{NumberText.Counted(all.Count, "image")} of {NumberText.Counted(all.Classes.Length, "identity", "identities")}. Add images or a {PartNames.Validation} part.");
        }

        var (train, aside) = StratifiedSplit.Of(all, fraction, options.Seed);
        if (aside.Count == 0)
        {
            throw new InvalidInputException(
                $"Expected a class with two images or more in '{parts.Root}' to set one aside for {purpose}, " +
                $"found {NumberText.Counted(all.Count, "image")} in {NumberText.Counted(all.Classes.Length, "class", "classes")}. Add images or a {PartNames.Validation} part.");
        }

        if (DatasetParts.MissingClasses(aside) is { } missing) warnings.Add($"The images set aside for {purpose} have none of {missing}.");
        return (train, aside);
    }

    private static (IImageDataset Train, IImageDataset Aside) FirstShards(IImageDataset all, int count, DatasetParts parts)
    {
        if (all is not IShardedDataset { HasShards: true } sharded)
        {
            throw new InvalidInputException(
                $"Expected shards to set {count} aside for the minival in '{parts.Root}' ({parts.Format}), found images in files of " +
                "their own. Set a share of them aside.");
        }

        int[] shardOf = [.. Enumerable.Range(0, all.Count).Select(sharded.ShardOf)];
        int[] shards = [.. shardOf.Distinct().Order()];
        if (count >= shards.Length)
        {
            throw new InvalidInputException(
                $"Expected more than {count} training shards in '{parts.Root}' to set so many aside for the minival, " +
                $"found {shards.Length}. Set fewer aside.");
        }

        int end = shards[count];
        SubsetDataset Where(Func<int, bool> isWanted) =>
            new(all, [.. Enumerable.Range(0, shardOf.Length).Where(index => isWanted(shardOf[index]))]);
        return (Where(shard => shard >= end), Where(shard => shard < end));
    }

    private static string FolderNames(DatasetParts parts) => string.Join(" and ", parts.All.Select(part => $"'{part.Name}'"));
}
