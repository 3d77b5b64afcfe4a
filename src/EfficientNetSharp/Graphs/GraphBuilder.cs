using System.Collections.Immutable;

namespace EfficientNetSharp.Graphs;

/// <summary>Makes a <see cref="Graph"/> node by node, inferring shapes and naming parameters as it goes.</summary>
public sealed class GraphBuilder
{
    private readonly ImmutableArray<Node>.Builder _nodes = ImmutableArray.CreateBuilder<Node>();
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);

    /// <summary>Starts a graph with its input.</summary>
    /// <param name="input">Its shape [C,H,W].</param>
    /// <param name="name">What the input's node is called.</param>
    /// <exception cref="ArgumentException">The shape is no map, or a side is longer than <see cref="TensorShape.MaxSide"/>.</exception>
    public GraphBuilder(TensorShape input, string name = "input")
    {
        if (input.IsVector || input.Channels < 1 || input.Height < 1 || input.Width < 1)
            throw new ArgumentException($"A network's input is a map [C,H,W], found {input}.", nameof(input));
        if (input.Height > TensorShape.MaxSide || input.Width > TensorShape.MaxSide)
            throw new ArgumentException($"A network's input has at most {TensorShape.MaxSide} rows and columns, found {input}.",
                nameof(input));
        Append(name, new Input(input.Channels, input.Height, input.Width));
    }

    /// <summary>The node added last.</summary>
    public Node Last => _nodes[^1];

    /// <summary>A node by its position.</summary>
    /// <param name="index">The node's <see cref="Node.Index"/>.</param>
    public Node this[int index] => _nodes[index];

    /// <summary>The part of the network that nodes added from now on belong to.</summary>
    public NodePlace Place { get; set; }

    /// <summary>Adds an operator on the given nodes; without any, on the node added last.</summary>
    /// <returns>The new node.</returns>
    /// <exception cref="ArgumentException">The name is taken, or the inputs do not fit the operator.</exception>
    public Node Append(string name, Operator op, params ReadOnlySpan<Node> inputs)
    {
        ArgumentNullException.ThrowIfNull(op);
        ArgumentException.ThrowIfNullOrEmpty(name);
        OperatorChecks.Check(op);
        if (!_names.Add(name)) throw new ArgumentException($"The graph has a node '{name}' already.", nameof(name));
        ImmutableArray<int> indices = inputs.Length > 0 || op.InputCount == 0
            ? [.. inputs.ToArray().Select(node => node.Index)]
            : [Last.Index];
        if (indices.Length != op.InputCount)
            throw new ArgumentException($"{op.GetType().Name} takes {op.InputCount} inputs, found {indices.Length}.", nameof(inputs));

        var shapes = indices.Select(index => _nodes[index].Shape).ToArray();
        var shape = op.Infer(shapes);
        if (shape.Channels < 1 || (!shape.IsVector && (shape.Height < 1 || shape.Width < 1)))
            throw new ArgumentException($"{name} would yield an empty map from {string.Join(" and ", shapes)}.", nameof(inputs));
        _nodes.Add(new Node(_nodes.Count, name, op, indices, shape, [.. op.Parameters(name)], Place));
        return Last;
    }

    /// <summary>Adds a function, or nothing for <see cref="ActivationKind.Identity"/>.</summary>
    public Node AppendActivation(string name, ActivationKind kind) => AppendActivation(name, Last, kind);

    /// <summary>Adds a function of a node's value, or nothing for <see cref="ActivationKind.Identity"/>.</summary>
    public Node AppendActivation(string name, Node input, ActivationKind kind)
    {
        ArgumentNullException.ThrowIfNull(input);
        return kind switch
        {
            ActivationKind.Identity => input,
            ActivationKind.PRelu => Append(name, new PRelu(input.Shape.Channels), input),
            _ => Append(name, new Activation(kind), input),
        };
    }

    /// <summary>Ends the graph.</summary>
    /// <param name="output">The node whose value is the result; the node added last where <see langword="null"/>.</param>
    public Graph Build(Node? output = null) => new(_nodes.ToImmutable(), [(output ?? Last).Index]);

    /// <summary>Ends a graph that has several results; what comes after the last of them is left out.</summary>
    /// <param name="outputs">The nodes whose values are the results, in the order in which they are delivered.</param>
    /// <exception cref="ArgumentException">There is none, or one is named twice.</exception>
    public Graph Build(ImmutableArray<Node> outputs) => Graph.Of(_nodes, outputs);
}
