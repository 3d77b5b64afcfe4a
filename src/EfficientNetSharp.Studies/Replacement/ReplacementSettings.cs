using System.Collections.Immutable;

namespace EfficientNetSharp.Studies.Replacement;

/// <summary>Trained weights that a network of the study starts from.</summary>
/// <param name="Network">The network's name.</param>
/// <param name="Source">What people call the weights.</param>
/// <param name="Fingerprint">Names them by their values: <see cref="StartWeights.Fingerprint"/>.</param>
public sealed record StudyStart(string Network, string Source, string Fingerprint);

/// <summary>What whoever replaces a network asks of another. It decides what the page recommends, and no trial.</summary>
public sealed record ReplacementLimits
{
    /// <summary>The longest time on the device that is predicted, in milliseconds. Default 15.</summary>
    public double MaxMs { get; init; } = 15;

    /// <summary>The lowest accuracy, 0…1; <see langword="null"/>, the default, for none.</summary>
    public double? MinAccuracy { get; init; }

    /// <summary>What may be lost to the product in floats, in points of 100. Default 1.</summary>
    public double MaxDrop { get; init; } = 1;

    internal void Check()
    {
        NumberRange.Above(0).Require(MaxMs, "The longest time in ms");
        if (MinAccuracy is { } min) new NumberRange(0, 1).Require(min, "The lowest accuracy");
        new NumberRange(0, 100).Require(MaxDrop, "What may be lost, in points");
    }
}

/// <summary>How a product's network is compared with those that may take its place.</summary>
public sealed record ReplacementSettings
{
    /// <summary>
    /// How many of the study's networks, from the first, are the product's; the others are candidates. The first teaches, and losses are
    /// counted from it. Default 1.
    /// </summary>
    public int Products { get; init; } = 1;

    /// <summary>Whether candidates are also trained with the first product's trained network as their teacher. Default false.</summary>
    public bool Distills { get; init; }

    /// <summary>Networks that start from trained weights; the others are drawn. Default none.</summary>
    public ImmutableArray<StudyStart> Starts { get; init; } = [];

    /// <summary>In which precisions trained networks are judged.</summary>
    public PrecisionSettings Precision { get; init; } = new();

    /// <summary>Whether the study's folder keeps all trained networks, and not only those that teach. Default false.</summary>
    public bool KeepsModels { get; init; }

    /// <summary>What is asked of a replacement.</summary>
    public ReplacementLimits Limits { get; init; } = new();

    internal void Check(int networks)
    {
        new NumberRange(1, Math.Max(1, networks)).Require(Products, "The product's networks");
        Precision.Check();
        Limits.Check();
    }
}
