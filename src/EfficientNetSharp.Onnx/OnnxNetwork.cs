using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Onnx;

/// <summary>A network read from an ONNX file, for any backend.</summary>
/// <param name="Graph">The network, for the size that the file or the options name; images are [N,C,H,W].</param>
/// <param name="Weights">Its weights as float32.</param>
/// <param name="Card">The model's card, where <see cref="OnnxExporter"/> wrote the file of a model.</param>
/// <param name="OutputNames">What the file calls each of the graph's outputs.</param>
/// <param name="Notes">What the network does otherwise than the file, a sentence each: a softmax left out, axes in another order.</param>
public sealed record OnnxNetwork(Graph Graph, WeightSet Weights, ModelCard? Card, ImmutableArray<string> OutputNames,
    ImmutableArray<string> Notes)
{
    /// <summary>
    /// The architecture that the graph was built from, where <see cref="OnnxExporter"/> wrote the file of a model that has one.
    /// </summary>
    public Architecture? Architecture { get; init; }

    /// <summary>How the file's input lies: <c>NCHW</c> or <c>NHWC</c>.</summary>
    public string InputAxes { get; init; } = "NCHW";

    /// <summary>How each of the file's outputs lies, by the letters of <see cref="InputAxes"/>; 1 for an axis of one entry.</summary>
    public ImmutableArray<string> OutputAxes { get; init; } = [];

    /// <summary>
    /// Whether the file yields what the network yields, in the same places: nothing is left out, and channels come before rows and columns
    /// in its input and outputs.
    /// </summary>
    public bool IsAsInFile => Notes.IsEmpty && OutputAxes.All(axes => axes is "NC" or "NC11" or "NCHW");

    /// <summary>Whether the file leaves the image's rows or columns open.</summary>
    public bool HasOpenSize { get; init; }

    /// <summary>Whether the file ends with a softmax, which is left out of the graph.</summary>
    public bool EndsWithSoftmax { get; init; }
}
