using System.Collections.Immutable;

namespace EfficientNetSharp.Graphs.Transforms;

/// <summary>The same network for another input, with another classifier, or up to another place.</summary>
public static class GraphEdits
{
    /// <summary>The network for images of another size. Zeros that follow from a rule follow it anew; explicit ones stay.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="height">Rows in pixels.</param>
    /// <param name="width">Columns in pixels.</param>
    /// <exception cref="InvalidInputException">The network does not take such images.</exception>
    public static Graph AtSize(this Graph graph, int height, int width)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var input = graph.Input.Shape;
        if (input.Height == height && input.Width == width) return graph;
        try
        {
            return Rebuild(graph, TensorShape.Map(input.Channels, height, width), node => node.Operator);
        }
        catch (ArgumentException e)
        {
            // A size can be in range and still too small for the network's windows, or another than its last layers are made for.
            throw new InvalidInputException($"The network does not take images of {height}×{width}: {Files.OneLine.Clean(e.Message, 200)}",
                e);
        }
    }

    /// <summary>The network with a classifier of other outputs.</summary>
    /// <param name="graph">A network whose last layer with weights has the role <see cref="NodeRole.Classifier"/>.</param>
    /// <param name="classes">Outputs, at least 1.</param>
    /// <exception cref="InvalidInputException">It has no classifier.</exception>
    public static Graph WithClasses(this Graph graph, int classes)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        if (!graph.Nodes.Any(IsClassifier))
            throw new InvalidInputException("The network has no classifier to replace; name one that classifies.");
        graph.EnsureFloat("Another classifier");
        return Rebuild(graph, graph.Input.Shape, node => !IsClassifier(node) ? node.Operator : node.Operator switch
        {
            Linear linear => linear with { OutFeatures = classes },
            Convolution convolution => convolution with { OutChannels = classes },
            var other => other,
        });
    }

    /// <summary>
    /// The network up to what its classifier takes: the mean of the last map, past the hidden layer where there is one. Of a map that is
    /// classified as it is, that is the mean. A network without a classifier is returned as it is.
    /// </summary>
    public static Graph Pooled(this Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var first = graph.Nodes.FirstOrDefault(node => node.Role == NodeRole.Classifier);
        if (first is null) return graph;
        var taken = graph.Nodes[first.Inputs[0]];
        var body = graph.WithOutputs(taken);
        if (taken.Shape.IsVector) return body;
        var builder = Rebuilt(body, body.Input.Shape, node => node.Operator, node => node.Place, out var nodes);
        builder.Place = new NodePlace(NodeRole.Head);
        var mean = builder.Append("pool", new GlobalAveragePool(), nodes[taken.Index]);
        return builder.Build(builder.Append("flatten", new Flatten(), mean)).WithQuantization(body.Quantization);
    }

    // The layer that has an output per class: linear, or a convolution over the map.
    private static bool IsClassifier(Node node) => node is { Role: NodeRole.Classifier, Operator: Linear or Convolution };

    /// <summary>
    /// The network that yields maps instead of a row: for each stride the last map of stem and blocks before the next one. These are
    /// the maps that detectors and segmenters take.
    /// </summary>
    /// <param name="graph">A network whose nodes have their roles.</param>
    /// <param name="strides">
    /// Pixels of the image to a position of the map, for example 4, 8, 16 and 32; in the order of the outputs.
    /// </param>
    /// <exception cref="InvalidInputException">The network has no map at a stride, or one is named twice.</exception>
    public static Graph Features(this Graph graph, ImmutableArray<int> strides)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var maps = FeatureMaps.Of(graph);
        if (maps.Count == 0) throw new InvalidInputException(
            "The network's stages are not known, so it has no feature maps to name; import it as a registered network.");
        if (strides.Any(stride => !maps.ContainsKey(stride)) || strides.Distinct().Count() != strides.Length)
        {
            throw new InvalidInputException(
                $"The network has feature maps at strides {string.Join(", ", maps.Keys)}, each to be named once; found {string.Join(", ", strides)}.");
        }

        return graph.WithOutputs([.. strides.Select(stride => maps[stride])]);
    }

    /// <summary>
    /// The network with its last linear layer known as the classifier, where that yields the result: a network that was read from
    /// elsewhere can then be given other classes, or be asked for what the classifier takes.
    /// </summary>
    public static Graph WithClassifierRole(this Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var last = graph.Output;
        if (graph.Outputs.Length > 1 || last.Operator is not Linear || last.Role != NodeRole.None) return graph;
        return Rebuild(graph, graph.Input.Shape, node => node.Operator, node => node == last ? new NodePlace(NodeRole.Classifier)
            : node.Place);
    }

    /// <summary>The network with dropout of a rate before its classifier, in place of what stands there.</summary>
    /// <param name="graph">
    /// A network whose last layer with weights has the role <see cref="NodeRole.Classifier"/>; another is returned as it is.
    /// </param>
    /// <param name="rate">0 for none, below 1.</param>
    public static Graph WithDropout(this Graph graph, double rate)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var classifier = graph.Nodes.FirstOrDefault(IsClassifier);
        if (classifier is null) return graph;
        var builder = new GraphBuilder(graph.Input.Shape, graph.Input.Name);
        var nodes = new Node[graph.Nodes.Length];
        nodes[0] = builder.Last;
        foreach (var node in graph.Nodes.Skip(1))
        {
            builder.Place = node.Place;
            if (node is { Role: NodeRole.Classifier, Operator: Dropout })
            {
                nodes[node.Index] = nodes[node.Inputs[0]];
                continue;
            }

            Node[] inputs = [.. node.Inputs.Select(index => nodes[index])];
            if (node == classifier && rate > 0) inputs = [builder.Append($"{node.Name}.dropout", new Dropout(rate), inputs)];
            nodes[node.Index] = builder.Append(node.Name, node.Operator, inputs);
        }

        return builder.Build([.. graph.Outputs.Select(output => nodes[output.Index])]).WithQuantization(graph.Quantization);
    }

    private static Graph Rebuild(Graph graph, TensorShape input, Func<Node, Operator> operatorOf, Func<Node, NodePlace>? placeOf = null)
    {
        var builder = Rebuilt(graph, input, operatorOf, placeOf ?? (node => node.Place), out var nodes);
        return builder.Build([.. graph.Outputs.Select(output => nodes[output.Index])]).WithQuantization(graph.Quantization);
    }

    private static GraphBuilder Rebuilt(
        Graph graph, TensorShape input, Func<Node, Operator> operatorOf, Func<Node, NodePlace> placeOf, out Node[] nodes)
    {
        var builder = new GraphBuilder(input, graph.Input.Name);
        nodes = new Node[graph.Nodes.Length];
        nodes[0] = builder.Last;
        foreach (var node in graph.Nodes.Skip(1))
        {
            builder.Place = placeOf(node);
            Node[] inputs = new Node[node.Inputs.Length];
            for (int i = 0; i < inputs.Length; i++) inputs[i] = nodes[node.Inputs[i]];
            nodes[node.Index] = builder.Append(node.Name, operatorOf(node), inputs);
        }

        return builder;
    }
}
