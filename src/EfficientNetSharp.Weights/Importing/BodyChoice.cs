using System.Collections.Immutable;
using EfficientNetSharp.Files;
using EfficientNetSharp.Weights.NameMaps;

namespace EfficientNetSharp.Weights.Importing;

/// <summary>
/// Chooses where a file has a network more than once: the place that was named; else, of the weights and their moving average, the average
/// unless the weights themselves are asked for. Copies of one another are one. Anything else is for people to decide.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="tensors">Its tensors.</param>
/// <param name="options">What was asked for.</param>
/// <param name="preferAverage">Whether a moving average is taken.</param>
internal sealed class BodyChoice(string path, SourceTensors tensors, ImportOptions options, bool preferAverage)
{
    // timm's model_ema and state_dict_ema, torch's AveragedModel and swa_utils, Keras-like trainers' averaged and shadow.
    private static readonly string[] AverageWords = ["ema", "swa", "average", "averaged", "avg", "shadow"];

    /// <summary>The one that is taken, and a sentence about it where there was a choice.</summary>
    /// <exception cref="InvalidInputException">Several could be meant, or the named place has none.</exception>
    public (FittedBody Body, string? Remark) Of(ImmutableArray<FittedBody> bodies)
    {
        var named = options.Prefix is { Length: > 0 } prefix ? Named(bodies, prefix.EndsWith('.') ? prefix : $"{prefix}.") : bodies;
        if (named.Length == 1) return (named[0], null);
        var distinct = named.Aggregate(ImmutableArray<FittedBody>.Empty,
            (kept, body) => kept.Any(other => IsCopy(other, body)) ? kept : kept.Add(body));
        if (distinct.Length == 1) return (distinct[0], null);
        var averages = distinct.RemoveAll(body => !IsAverage(body.Prefix));
        var plain = distinct.RemoveAll(body => IsAverage(body.Prefix));
        if (averages.Length != 1 || plain.Length != 1) throw Ambiguous(distinct);
        var (taken, other) = preferAverage ? (averages[0], plain[0]) : (plain[0], averages[0]);
        return (taken, preferAverage
            ? $"The file has weights and their moving average; the average is taken, {Behind(taken)} (--raw takes the weights, {Behind(other)})."
            : $"The file has weights and their moving average; the weights are taken, {Behind(taken)}.");
    }

    /// <summary>For example <c>behind 'model.'</c>.</summary>
    public static string Behind(FittedBody body) =>
        body.Prefix.Length == 0 ? "not behind any prefix" : $"behind {OneLine.Quote(body.Prefix)}";

    private ImmutableArray<FittedBody> Named(ImmutableArray<FittedBody> bodies, string prefix)
    {
        var named = bodies.RemoveAll(body => !IsUnder(body.Prefix, prefix));
        // Exactly there comes before somewhere within.
        if (named.FirstOrDefault(body => body.Prefix == prefix) is { } exact) return [exact];
        return !named.IsEmpty ? named : throw new InvalidInputException(
            $"'{path}' has no '{bodies[0].Architecture.Name}' behind {OneLine.Quote(prefix)}, but {string.Join(", ", bodies.Select(Behind))}; give one of these by --prefix, or leave it out.");
    }

    /// <summary>Whether names behind a prefix are behind another too, which may leave the outermost dictionaries out.</summary>
    public static bool IsUnder(string name, string prefix) => name.StartsWith(prefix, StringComparison.Ordinal)
        || name.Contains($".{prefix}", StringComparison.Ordinal);

    private static bool IsAverage(string prefix) => prefix.ToLowerInvariant().Split('.', '_', '-').Any(AverageWords.Contains);

    private bool IsCopy(FittedBody one, FittedBody other)
    {
        if (one.Source != other.Source) return false;
        return one.Map(one.Build(), tensors.Names).Zip(other.Map(other.Build(), tensors.Names)).All(pair => IsEqual(pair.First, pair.Second));
    }

    private bool IsEqual(MappedParameter one, MappedParameter other)
    {
        if (tensors.ShapeOf(one.SourceName) is not { } shape) return tensors.ShapeOf(other.SourceName) is null;
        return tensors.ShapeOf(other.SourceName) is { } second && shape.SequenceEqual(second)
            && tensors.Read(one.SourceName).Values.AsSpan().SequenceEqual(tensors.Read(other.SourceName).Values);
    }

    private InvalidInputException Ambiguous(ImmutableArray<FittedBody> bodies) => new(
        $"'{path}' has '{bodies[0].Architecture.Name}' {bodies.Length} times with different weights: {string.Join(", ", bodies.Select(Behind))}; add --prefix, such as --prefix {OneLine.Clean(bodies.First(body => body.Prefix.Length > 0).Prefix)}, to take one.");
}
