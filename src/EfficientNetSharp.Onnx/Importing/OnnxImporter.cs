using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Transforms;
using EfficientNetSharp.Models;
using EfficientNetSharp.Onnx.Recognition;

namespace EfficientNetSharp.Onnx.Importing;

/// <summary>
/// Takes the network of an ONNX file over, whoever wrote it. A file that is a registered network becomes that, with the padding,
/// epsilon, functions and classes that the file says, trainable also where its normalisations are folded; any other stays the graph
/// that it is, and so does a quantized one.
/// </summary>
/// <remarks>
/// What comes out is run on a few inputs beside the file itself (<see cref="ImportCheck"/>): a difference above 1e-4 of the results'
/// size is an error, never a model. A quantized one may differ by 5 % in places, where a rounding falls the other way.
/// </remarks>
public static class OnnxImporter
{
    // The most usual size; structure does not depend on it.
    private const int UsualSize = 224;

    /// <summary>Imports a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">How; the defaults where <see langword="null"/>.</param>
    /// <exception cref="InvalidInputException">
    /// The file cannot be read as a network, is not what it is claimed to be (the message says what differs), or what was made of it
    /// does not compute the same.
    /// </exception>
    public static ImportedGraph Import(string path, OnnxImportOptions? options = null)
    {
        options ??= new OnnxImportOptions();
        var network = OnnxReader.Read(path, new OnnxReadOptions
        {
            Height = options.Height, Width = options.Width, UsualSize = options.Claim?.Resolution ?? UsualSize,
        });
        var (graph, scaling) = InputScaling.Split(network.Graph, network.Weights);
        var fileWeights = scaling is null ? network.Weights : network.Weights.For(graph);
        var claim = options.Claim ?? network.Architecture;
        var remarks = ImmutableArray.CreateBuilder<string>();
        remarks.AddRange(network.Notes);
        if (scaling is not null) remarks.Add(scaling.Describe());

        if (graph.Quantization is not null && options.Claim is { } named) throw new InvalidInputException(
            $"'{path}' is quantized and taken as the graph that it is; leave --architecture out, or import the float network that it was made from as {OneLine.Quote(named.Name)}.");
        // Integers belong to the layers that they were made for, folded as they are.
        var pairing = graph.Quantization is not null ? null : claim is null
            ? ArchitectureRecognizer.Recognize(graph)
            : Claimed(path, graph, claim, isGiven: options.Claim is not null, remarks);
        string? difference = null;
        var taken = pairing is null ? null : PairedWeights.Take(pairing, fileWeights, out difference);
        if (difference is not null && options.Claim is not null) throw Refused(path, options.Claim, difference);
        bool isRecognized = taken is not null && difference is null;
        if (pairing is not null && !isRecognized)
            remarks.Add($"It has the layers of {pairing.Architecture.Name}, but {difference}; it stays a graph of its own.");
        if (isRecognized && taken!.HasFoldedNorms)
            remarks.Add(
                "Batch normalisations are folded into the convolutions in this file; they are taken over as identities with the biases.");

        var (made, weights) = isRecognized ? (pairing!.Graph, taken!.Weights) : LinearClassifier.Apply(graph, fileWeights);
        if (!isRecognized) made = made.WithClassifierRole();
        ImportCheck.Run(path, network, scaling, made, weights);
        // A file of open size is for the size that its network is made for.
        if (isRecognized && network.HasOpenSize && options.Height is null && options.Width is null && network.Card is null)
            made = made.AtSize(pairing!.Architecture.Resolution, pairing.Architecture.Resolution);
        return new ImportedGraph(
            made, weights, isRecognized ? pairing!.Architecture : null, network.Card, scaling?.Mean, scaling?.Deviation,
            [.. network.Weights.Keys], remarks.ToImmutable());
    }

    // What this library wrote names its network, which feature maps exported from it are not any more; that is said, not refused.
    private static NetworkPairing? Claimed(
        string path, Graph graph, Architecture claim, bool isGiven, ImmutableArray<string>.Builder remarks)
    {
        var pairing = ArchitectureRecognizer.Match(graph, claim, out string? difference);
        if (difference is null) return pairing;
        var found = ArchitectureRecognizer.Recognize(graph);
        if (isGiven) throw Refused(path, claim, difference, found?.Architecture.Name);
        remarks.Add($"The file says that its network is {OneLine.Quote(claim.Name)}, but {difference}; what its graph says is taken.");
        return found;
    }

    private static InvalidInputException Refused(string path, Architecture claim, string difference, string? found = null) => new(
        $"'{path}' is not '{claim.Name}': {difference}; {(found is null || found == claim.Name ? "" : $"it is {found}; ")}"
        + "leave --architecture out to take the file as it is.");
}
