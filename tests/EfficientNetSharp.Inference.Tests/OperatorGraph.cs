using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Inference.Tests;

/// <summary>A graph builder that also finds its nodes again by name.</summary>
internal sealed class OperatorGraph(TensorShape input)
{
    private readonly GraphBuilder _builder = new(input);
    private readonly Dictionary<string, Node> _nodes = [];

    public Node Last => _builder.Last;

    public Node this[string name] => _nodes[name];

    public Node Append(string name, Operator op, params ReadOnlySpan<Node> inputs) => _nodes[name] = _builder.Append(name, op, inputs);

    public Node AppendActivation(string name, ActivationKind kind) => _builder.AppendActivation(name, kind);

    public Graph Build() => _builder.Build();
}
