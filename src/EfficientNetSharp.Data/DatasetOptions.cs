namespace EfficientNetSharp.Data;

/// <summary>How <see cref="Datasets"/> makes the parts of a dataset.</summary>
public sealed record DatasetOptions
{
    /// <summary>
    /// The share of each class to set aside for validation where the dataset has no validation part of its own; above 0 and below 1.
    /// Default 0.2.
    /// </summary>
    public double ValidationFraction { get; init; } = 0.2;

    /// <summary>Names that split; see <see cref="StratifiedSplit"/>. Default 0.</summary>
    public ulong Seed { get; init; }

    /// <summary>
    /// For TFRecord shards: the first so many training shards are the validation part ("minival") and the validation shards become the
    /// test part. Default 0: none. The recipe of EfficientNet holds 20 of ImageNet's 1024 back (google/automl, efficientnetv2/datasets.py:
    /// <c>slice(0, 20)</c>, 25,021 images).
    /// </summary>
    public int HoldoutShards { get; init; }
}
