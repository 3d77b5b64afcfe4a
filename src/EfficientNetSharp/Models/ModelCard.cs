using System.Collections.Immutable;

namespace EfficientNetSharp.Models;

/// <summary>What travels with weights: classes, preprocessing and where they come from.</summary>
public sealed record ModelCard
{
    /// <summary>Names of the classes in the order of the outputs; empty for a network without a classifier.</summary>
    public required ImmutableArray<string> Classes { get; init; }

    /// <summary>
    /// What else the classes are known by, in the same order: WordNet ids for ImageNet's (<c>n01440764</c>). Data may name a class by
    /// either, and only the ids tell classes apart that share a name. Empty where there are none.
    /// </summary>
    public ImmutableArray<string> ClassIds { get; init; } = [];

    /// <summary>What is done to an image before the network sees it.</summary>
    public required Preprocessing Preprocessing { get; init; }

    /// <summary>The classes by all that they are known by.</summary>
    public ClassList ListClasses() => new(Classes) { Ids = ClassIds };

    /// <summary>Channels of the input: as many as the preprocessing has means.</summary>
    public int InputChannels => Preprocessing.Mean.Length;

    /// <summary>
    /// Where the weights come from, as free key and value pairs: recipe, data fingerprint, metrics, tool version. Nothing reads
    /// them but people.
    /// </summary>
    public ImmutableSortedDictionary<string, string> Provenance { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}
