using System.Collections.Immutable;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Costs.Devices;

/// <summary>
/// The steps in which a device runs a network: what acts only in training is left out, normalisations and ReLUs are part of the layer
/// before them, and where a value is wanted in another type than it has, a converter stands.
/// </summary>
internal sealed class DeviceSchedule
{
    private readonly Graph _graph;
    private readonly Func<Node, string> _typeOf;
    private readonly IReadOnlyDictionary<string, DeviceType> _known;
    private readonly ImmutableArray<int> _uses;
    private readonly List<DeviceOperation> _operations = [];
    private readonly HashSet<(int Node, string Type)> _converted = [];

    // For each node, the type that its value has.
    private readonly string[] _types;

    private DeviceSchedule(Graph graph, Func<Node, string> typeOf, IReadOnlyDictionary<string, DeviceType> known)
    {
        (_graph, _typeOf, _known, _uses) = (graph, typeOf, known, graph.CountUses());
        _types = new string[graph.Nodes.Length];
    }

    /// <summary>The steps of a network, in its order.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="typeOf">The name of the type that a node computes in and its value has.</param>
    /// <param name="known">The device's types.</param>
    /// <exception cref="InvalidInputException">The network has an operator that no device of this kind runs.</exception>
    public static ImmutableArray<DeviceOperation> Of(
        Graph graph, Func<Node, string> typeOf, IReadOnlyDictionary<string, DeviceType> known)
    {
        var schedule = new DeviceSchedule(graph, typeOf, known);
        foreach (var node in graph.Nodes) schedule.Add(node);
        return [.. schedule._operations];
    }

    private void Add(Node node)
    {
        if (node.Operator is Input)
        {
            _types[node.Index] = _typeOf(node);
            return;
        }

        int first = node.Inputs[0];
        string type = _typeOf(node);
        _types[node.Index] = type;
        bool isConverter = node.Operator is Activation { Kind: ActivationKind.Identity } && type != _types[first];
        bool isPassedOn = !isConverter && (PassesOn(node) || IsPartOfLayer(node)) && type == _types[first];
        if (isPassedOn) return;
        foreach (int input in node.Inputs) Convert(input, type);
        if (isConverter || PassesOn(node)) return;
        if (node.Operator.Accept(OperationKinds.Instance, node) is { } kind) _operations.Add(OperationOf(node, kind, type));
    }

    private void Convert(int input, string type)
    {
        if (_types[input] == type || !_converted.Add((input, type))) return;
        var source = _graph.Nodes[input];
        string wider = _known[type].Bytes >= _known[_types[input]].Bytes ? type : _types[input];
        _operations.Add(new DeviceOperation($"{source.Name} to {type}", DeviceOperationKind.Converter, wider, source.Shape, source.Shape));
    }

    private DeviceOperation OperationOf(Node node, DeviceOperationKind kind, string type)
    {
        var kernel = node.Parameters.FirstOrDefault(parameter => parameter.IsKernel);
        var convolution = node.Operator as Convolution;
        return new DeviceOperation(node.Name, kind, type, _graph.Nodes[node.Inputs[0]].Shape, node.Shape)
        {
            Macs = node.Operator.Accept(MultiplyAdds.Instance, (_graph, node)),
            KernelValues = kernel?.Count ?? 0,
            // A normalisation that is folded into a layer gives it a bias.
            BiasValues = kernel is null ? 0 : node.Shape.Channels,
            IsPointwise = convolution is { Kernel: 1, KernelWidth: 1 } || node.Operator is Linear,
            Stride = convolution?.Stride ?? (node.Operator as MaxPool)?.Stride ?? 1,
        };
    }

    private static bool PassesOn(Node node) =>
        node.Operator.IsTrainingOnly || node.Operator is Flatten or Activation { Kind: ActivationKind.Identity };

    private bool IsPartOfLayer(Node node)
    {
        var before = _graph.Nodes[node.Inputs[0]];
        return node.Operator switch
        {
            BatchNormalization => before.Operator is Convolution or Linear && _uses[before.Index] == 1,
            Activation { Kind: ActivationKind.Relu or ActivationKind.Relu6 } => before.Operator is not Input && _uses[before.Index] == 1,
            _ => false,
        };
    }
}
