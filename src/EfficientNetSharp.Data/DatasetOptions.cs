namespace EfficientNetSharp.Data;

/// <summary>How <see cref="DatasetSplits.Of"/> makes the parts that training needs.</summary>
public sealed record DatasetOptions
{
    /// <summary>
    /// The share of each class to set aside for validation where the dataset has no part to judge by; above 0 and below 1. Default 0.2.
    /// </summary>
    public double ValidationFraction { get; init; } = 0.2;

    /// <summary>
    /// Whether whole classes are set aside instead of a share of each, as an embedding is judged on identities that it has not learned; the
    /// fractions are then of the classes. Parts may have classes of their own, and each has a class list of those that it has images of.
    /// Default false.
    /// </summary>
    public bool HoldsOutClasses { get; init; }

    /// <summary>Names what is set aside; see <see cref="StratifiedSplit"/>. Default 0.</summary>
    public ulong Seed { get; init; }

    /// <summary>
    /// The share of each class of the training part to set aside as "minival": the best epoch is chosen by it, and the dataset's own
    /// validation or test part only judges. Above 0 and below 1; default 0, none. The EfficientNet paper sets 25,000 of ImageNet's images
    /// aside so (§5).
    /// </summary>
    public double MinivalFraction { get; init; }

    /// <summary>
    /// The same by shards: the first so many of the training part are the minival. Default 0, none. The recipe of EfficientNet takes 20 of
    /// ImageNet's 1024 (google/automl, efficientnetv2/datasets.py: <c>slice(0, 20)</c>, 25,021 images).
    /// </summary>
    public int MinivalShards { get; init; }
}
