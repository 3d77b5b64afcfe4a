using System.Collections.Immutable;

namespace EfficientNetSharp.Weights.Formats;

/// <summary>What a reader found in a file.</summary>
/// <param name="Format">The kind of file.</param>
/// <param name="Tensors">The tensors in the file's order.</param>
/// <param name="Resource">What stays open for reading values.</param>
/// <param name="Bytes">Bytes of the file on disk, or of all files that it consists of.</param>
internal sealed record WeightContents(WeightFormat Format, ImmutableArray<SourceTensor> Tensors, IDisposable Resource, long Bytes)
{
    /// <summary>All that the file has, where that is more than <see cref="Tensors"/>.</summary>
    public ImmutableArray<FiledTensor> All { get; init; } = [.. Tensors.Select(tensor => new FiledTensor(tensor, ""))];

    /// <summary>What was not read of it, a sentence each.</summary>
    public ImmutableArray<string> Remarks { get; init; } = [];

    /// <summary>The epsilon of the batch normalisations, where the file holds modules that have one in common.</summary>
    public double? Epsilon { get; init; }

    public ImmutableDictionary<string, string> Metadata { get; init; } = ImmutableDictionary<string, string>.Empty;
}
