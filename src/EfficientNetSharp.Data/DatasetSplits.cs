using System.Collections.Immutable;

namespace EfficientNetSharp.Data;

/// <summary>The parts of a dataset; all have the same class list.</summary>
/// <param name="Train">What is learned from; every class has at least one image.</param>
/// <param name="Validation">What progress is measured on; has at least one image.</param>
/// <param name="Test">What is measured once at the end, or null when there is none.</param>
/// <param name="Warnings">What a person should know but training can live with, one line each.</param>
public sealed record DatasetSplits(
    IImageDataset Train,
    IImageDataset Validation,
    IImageDataset? Test,
    ImmutableArray<string> Warnings)
{
    /// <summary>What the layout was recognised as, for people.</summary>
    public string Format { get; init; } = "folders of images";
}
