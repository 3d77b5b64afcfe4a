using System.Collections.Immutable;
using EfficientNetSharp.Studies.Statistics;

namespace EfficientNetSharp.Studies.Claims;

/// <summary>What the trials say of a claim.</summary>
public enum VerdictKind
{
    /// <summary>It is so at every budget, of which there are two or more: the interval over seeds is above 0.</summary>
    Holds,

    /// <summary>The reverse is so at every budget.</summary>
    Reversed,

    /// <summary>Neither.</summary>
    NotSettled,
}

/// <summary>What a budget's trials say of a claim.</summary>
/// <param name="Budget">The budget.</param>
/// <param name="Difference">The claim's sum over seeds; <see langword="null"/> where no seed has all points.</param>
public readonly record struct ClaimEvidence(string Budget, SampleSummary? Difference);

/// <summary>A claim and what became of it.</summary>
/// <param name="Claim">The claim.</param>
/// <param name="Kind">What the trials say.</param>
/// <param name="Why">What is missing, where it is not settled; else empty.</param>
/// <param name="Evidence">Each budget's, the largest first.</param>
public sealed record ClaimVerdict(Claim Claim, VerdictKind Kind, string Why, ImmutableArray<ClaimEvidence> Evidence)
{
    /// <summary>The verdict in a word or two.</summary>
    public string Words => Kind switch { VerdictKind.Holds => "holds", VerdictKind.Reversed => "the reverse holds", _ => "not settled" };
}
