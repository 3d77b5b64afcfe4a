using System.Collections.Immutable;

namespace EfficientNetSharp.Models;

/// <summary>Classes in the order of a network's outputs.</summary>
/// <param name="Names">Their names; several may share one.</param>
public sealed record ClassList(ImmutableArray<string> Names)
{
    /// <summary>What else they are known by, as <see cref="ModelCard.ClassIds"/>; empty where there are none.</summary>
    public ImmutableArray<string> Ids { get; init; } = [];
}
