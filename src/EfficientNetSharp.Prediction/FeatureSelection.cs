using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Transforms;

namespace EfficientNetSharp.Prediction;

/// <summary>What a network is asked for instead of its result: maps by stride, or the pooled row.</summary>
public sealed record FeatureSelection
{
    private const string PooledName = "pooled";

    private FeatureSelection(ImmutableArray<int> strides) => Strides = strides;

    /// <summary>What a classifier's last layer takes; of an embedding the embedding.</summary>
    public static FeatureSelection Pooled { get; } = new([]);

    /// <summary>Strides of the maps, in the order of the outputs; empty for the pooled row.</summary>
    public ImmutableArray<int> Strides { get; }

    /// <summary>Whether it is the pooled row.</summary>
    public bool IsPooled => Strides.IsEmpty;

    /// <summary>What the outputs are called, in files and in ONNX.</summary>
    public ImmutableArray<string> Names => IsPooled ? ["features"] : [.. Strides.Select(stride => $"stride_{stride}")];

    /// <summary>The last map at each stride.</summary>
    /// <param name="strides">Pixels of the image to a position of the map, for example 4, 8, 16 and 32; at least one.</param>
    /// <exception cref="ArgumentException">There is none, or one is below 1.</exception>
    public static FeatureSelection Maps(params ImmutableArray<int> strides) => strides.IsDefaultOrEmpty || strides.Any(stride => stride < 1)
        ? throw new ArgumentException("At least one stride from 1 is expected.", nameof(strides))
        : new FeatureSelection(strides);

    /// <summary>Reads a selection: <c>pooled</c>, or strides such as <c>4,8,16,32</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="selection">The selection.</param>
    /// <returns>Whether the text is one.</returns>
    public static bool TryParse(string? text, [NotNullWhen(true)] out FeatureSelection? selection)
    {
        selection = text == PooledName ? Pooled : null;
        if (selection is not null || text is null) return selection is not null;
        var strides = ImmutableArray.CreateBuilder<int>();
        foreach (string word in text.Split(','))
        {
            if (!NumberText.TryParseDigits(word, out int stride) || stride < 1) return false;
            strides.Add(stride);
        }

        selection = new FeatureSelection(strides.ToImmutable());
        return true;
    }

    /// <summary>The part of a network that yields them; its weights are <see cref="Models.WeightSet.For"/> of the whole's.</summary>
    /// <param name="graph">The network.</param>
    /// <exception cref="InvalidInputException">It has no map at a stride, or one is named twice.</exception>
    public Graph Of(Graph graph) => IsPooled ? graph.Pooled() : graph.Features(Strides);

    /// <summary>Whether another selects the same.</summary>
    public bool Equals(FeatureSelection? other) => other is not null && Strides.SequenceEqual(other.Strides);

    /// <inheritdoc />
    public override int GetHashCode() => Strides.Aggregate(0, HashCode.Combine);
}
