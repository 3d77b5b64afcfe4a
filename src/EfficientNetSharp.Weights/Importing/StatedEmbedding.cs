using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Weights.NameMaps;

namespace EfficientNetSharp.Weights.Importing;

/// <summary>
/// What a file's tensors say of an embedding, as they say the number of classes: its length, by the linear layer; and the size of images, by
/// a depthwise convolution as large as the last map.
/// </summary>
internal static class StatedEmbedding
{
    // No map of a network is larger in its end.
    private const int MaxKernel = 64;

    /// <summary>The body with the embedding that the file has; as it is where the file says nothing else.</summary>
    public static FittedBody In(SourceTensors tensors, FittedBody body)
    {
        if (body.Architecture.Embedding is not { } embedding) return body;
        var graph = body.Build();
        var mapped = body.Map(graph, tensors.Names);
        var nodes = graph.Nodes.Where(node => node.Role == NodeRole.Embedding).ToList();
        if (!IsGiven(body.Architecture) && ShapeOf<Linear>() is [> 0 and var features, ..] && features != embedding.Features)
            body = body with { Architecture = body.Architecture with { Embedding = embedding with { Features = features } } };
        return nodes.Find(node => node.Operator is Convolution) is { } global && ShapeOf<Convolution>() is [_, _, var rows, var columns]
            ? AtMap(body, graph.Nodes[global.Inputs[0]].Shape, rows, columns)
            : body;

        ImmutableArray<int>? ShapeOf<T>() where T : Operator => nodes.FindLast(node => node.Operator is T) is { } node
            ? tensors.ShapeOf(mapped.First(parameter => parameter.Parameter.Name == node.Parameters[0].Name).SourceName) : null;
    }

    // A length in the name that was given is a claim.
    private static bool IsGiven(Architecture architecture) => ArchitectureOptions.Split(architecture.Name).Options.Features is not null;

    // The size whose last map the kernel covers, in whole steps of the network.
    private static FittedBody AtMap(FittedBody body, TensorShape map, int rows, int columns)
    {
        if ((rows, columns) == (map.Height, map.Width) || rows is < 1 or > MaxKernel || columns is < 1 or > MaxKernel) return body;
        var (architecture, stem) = (body.Architecture, body.Architecture.Stem);
        int step = architecture.Stages.Aggregate(stem.Stride * (stem.MaxPool ? 2 : 1), (product, stage) => product * stage.Stride);
        return body with { Input = (Side(rows, map.Height), Side(columns, map.Width)) };

        int Side(int length, int designed) => length == designed ? architecture.Resolution : length * step;
    }
}
