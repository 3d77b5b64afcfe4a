using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Onnx.Importing;

/// <summary>A network taken over from an ONNX file, before it gets its card.</summary>
/// <param name="Graph">The network: what the architecture builds, or the file's own graph.</param>
/// <param name="Weights">Its weights.</param>
/// <param name="Architecture">The registered network that it is, with what the file says; <see langword="null"/> where it is none.</param>
/// <param name="Card">The card, where this library wrote the file.</param>
/// <param name="Mean">What the file subtracts from values scaled to 0…1 by itself; <see langword="null"/> where it does not.</param>
/// <param name="Deviation">What it divides by then.</param>
/// <param name="TensorNames">What the file calls its tensors, so that a source can be told.</param>
/// <param name="Remarks">What was done beyond taking it over, a sentence each.</param>
public sealed record ImportedGraph(
    Graph Graph,
    WeightSet Weights,
    Architecture? Architecture,
    ModelCard? Card,
    ImmutableArray<float>? Mean,
    ImmutableArray<float>? Deviation,
    ImmutableArray<string> TensorNames,
    ImmutableArray<string> Remarks);
