using System.Collections.Immutable;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Quantization.Measuring;
using EfficientNetSharp.Quantization.Search;

namespace EfficientNetSharp.Quantization;

/// <summary>A network of integers, and how it came about.</summary>
/// <param name="Graph">The folded network with its plan.</param>
/// <param name="Weights">Its integers.</param>
public sealed record QuantizedNetwork(Graph Graph, WeightSet Weights)
{
    /// <summary>What was tried, in order.</summary>
    public ImmutableArray<QuantizationStep> Steps { get; init; } = [];

    /// <summary>What was found about the types of its layers; <see langword="null"/> where all have one.</summary>
    public SearchResult? Search { get; init; }
}

/// <summary>Something that was tried, and what it did on images that nothing was calibrated with.</summary>
/// <param name="Name">What was tried, in words.</param>
/// <param name="Agreement">How near the outputs are to the float network's.</param>
/// <param name="IsKept">Whether the result has it.</param>
public sealed record QuantizationStep(string Name, OutputAgreement Agreement, bool IsKept);
