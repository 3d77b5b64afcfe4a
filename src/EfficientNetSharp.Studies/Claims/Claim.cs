using System.Collections.Immutable;

namespace EfficientNetSharp.Studies.Claims;

/// <summary>A point of a study with its weight in a claim.</summary>
/// <param name="Weight">What its score is multiplied by.</param>
/// <param name="Series">The point's series.</param>
/// <param name="Point">The point.</param>
public readonly record struct ClaimTerm(double Weight, string Series, string Point);

/// <summary>
/// Something that a study may show: that a weighted sum of its points' scores is above 0. With weights 1 and −1 it is that one network is
/// better than another.
/// </summary>
/// <param name="Text">The claim as a sentence without its full stop.</param>
/// <param name="Terms">The weighted points.</param>
/// <param name="Published">What the paper says or prints of it; empty for nothing.</param>
public sealed record Claim(string Text, ImmutableArray<ClaimTerm> Terms, string Published = "")
{
    /// <summary>That one point is better than another.</summary>
    /// <param name="text">The claim as a sentence.</param>
    /// <param name="better">The better point.</param>
    /// <param name="worse">The other.</param>
    /// <param name="published">What the paper says of it.</param>
    internal static Claim Better(
        string text, (string Series, string Point) better, (string Series, string Point) worse, string published = "") =>
        new(text, [new(1, better.Series, better.Point), new(-1, worse.Series, worse.Point)], published);
}
