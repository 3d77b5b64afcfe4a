using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Torch.Functions;
using TorchSharp;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Torch;

/// <summary>
/// A <see cref="Graph"/> as a TorchSharp computation: <see cref="Forward"/> walks the nodes and calls libtorch for each.
/// </summary>
internal sealed class GraphModule : IDisposable
{
    private readonly Graph _graph;
    private readonly ModuleOptions _options;
    private readonly int[] _lastUse;
    private readonly bool[] _frozen;
    private readonly Dictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);
    private readonly bool _ownsParameters;
    private readonly PassNodes _nodes;

    /// <summary>A network with weights of its own, on the processor.</summary>
    public GraphModule(Graph graph, WeightSet weights, ModuleOptions? options = null)
        : this(graph, new FlatParameters(graph, weights), options) => _ownsParameters = true;

    /// <summary>A network over vectors that others hold too, for example the same weights at another resolution.</summary>
    /// <param name="graph">The network; its parameters are those of the vectors.</param>
    /// <param name="parameters">The vectors, not disposed here.</param>
    /// <param name="options">How to compute; <see langword="null"/> for the usual.</param>
    public GraphModule(Graph graph, FlatParameters parameters, ModuleOptions? options = null)
    {
        _graph = graph;
        _options = options ?? new ModuleOptions();
        _lastUse = [.. graph.LastUses()];
        _frozen = [.. graph.Nodes.Select(node => _options.Frozen.Contains(node.Name))];
        Parameters = parameters;
        var frozen = graph.Nodes.Where(node => _frozen[node.Index]).SelectMany(node => node.Parameters).Select(parameter => parameter.Name)
            .ToHashSet(StringComparer.Ordinal);
        foreach (var (parameter, offset) in parameters.Trained)
        {
            long[] shape = [.. parameter.Shape.Select(dimension => (long)dimension)];
            bool learns = !frozen.Contains(parameter.Name);
            using var scope = NewDisposeScope();
            var values = new TorchSharp.Modules.Parameter(parameters.LayerValues.narrow(0, offset, parameter.Count).view(shape),
                requires_grad: learns);
            if (learns) values.grad = parameters.LayerGradients.narrow(0, offset, parameter.Count).view(shape);
            _tensors.Add(parameter.Name, values.DetachFromDisposeScope());
        }

        foreach (var (parameter, offset) in parameters.StatisticEntries)
        {
            long[] shape = [.. parameter.Shape.Select(dimension => (long)dimension)];
            using var flat = parameters.LayerStatistics.narrow(0, offset, parameter.Count);
            _tensors.Add(parameter.Name, flat.view(shape).DetachFromDisposeScope());
        }

        _nodes = new PassNodes(graph, _tensors, _frozen, _lastUse, _options, parameters.Device.type == DeviceType.CPU);
    }

    /// <summary>The tensors behind the layers.</summary>
    public FlatParameters Parameters { get; }

    /// <summary>All tensors by name, those trained beside the network among them.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors => _tensors;

    /// <summary>
    /// Called with each node and its value during a pass, for those who look for a fault; usually <see langword="null"/>.
    /// </summary>
    public Action<Node, Tensor>? Watcher { get; set; }

    /// <summary>Runs a batch.</summary>
    /// <param name="images">[N,C,H,W].</param>
    /// <param name="noise">Where the random choices of a training pass come from; <see langword="null"/> for inference.</param>
    /// <returns>The output of the graph [N,…], the first where there are several; the caller disposes it.</returns>
    public Tensor Forward(Tensor images, TrainingNoise? noise = null)
    {
        var outputs = ForwardAll(images, noise);
        foreach (var other in outputs.AsSpan(1)) other.Dispose();
        return outputs[0];
    }

    /// <summary>Runs a batch for all outputs.</summary>
    /// <param name="images">[N,C,H,W].</param>
    /// <param name="noise">Where the random choices of a training pass come from; <see langword="null"/> for inference.</param>
    /// <returns>The outputs of the graph [N,…] in its order, which the caller disposes.</returns>
    public Tensor[] ForwardAll(Tensor images, TrainingNoise? noise = null)
    {
        var values = new Tensor?[_graph.Nodes.Length];
        values[0] = Rounded(_graph.Input, Prepare(images));
        foreach (var node in _graph.Nodes.AsSpan()[1..])
        {
            var call = new TorchOperators.Call(node, values, _tensors, _frozen[node.Index] ? null : noise, _options);
            var value = Rounded(node, node.Operator.Accept(TorchOperators.Instance, call));
            values[node.Index] = value;
            Watcher?.Invoke(node, value);
            // What nothing needs any more is let go at once; autograd keeps what the backward pass needs.
            foreach (int input in node.Inputs)
            {
                if (_lastUse[input] == node.Index && values[input] is { } done)
                {
                    values[input] = null;
                    done.Dispose();
                }
            }
        }

        return [.. _graph.Outputs.Select(output => values[output.Index]!)];
    }

    /// <summary>Runs a batch forwards and prepares the way back.</summary>
    /// <param name="images">[N,C,H,W].</param>
    /// <param name="noise">Where the random choices come from.</param>
    public TrainingPass Train(Tensor images, TrainingNoise noise)
    {
        using var prepared = Prepare(images);
        return TrainingPass.Forward(_nodes, prepared, noise);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var tensor in _tensors.Values) tensor.Dispose();
        if (_ownsParameters) Parameters.Dispose();
    }

    private Tensor Rounded(Node node, Tensor value)
    {
        if (_nodes.GridOf(node) is not { } grid) return value;
        using var scope = NewDisposeScope();
        using var before = value;
        var rounded = RoundingEntry.Rounded(Maps.Innermost(Maps.Of(value)), grid);
        return (value.dim() == 2 ? Maps.ToRows(rounded) : rounded).MoveToOuterDisposeScope();
    }

    private Tensor Prepare(Tensor images)
    {
        using var placed = images.to(_options.Precision == Precision.Bf16 ? ScalarType.BFloat16 : ScalarType.Float32, Parameters.Device);
        return _options.ChannelsLast ? ToChannelsLast(placed) : placed.alias();
    }

    // TorchSharp has no memory_format; a permuted copy has the same strides.
    private static Tensor ToChannelsLast(Tensor images)
    {
        using var permuted = images.permute(0, 2, 3, 1);
        using var copy = permuted.contiguous();
        return copy.permute(0, 3, 1, 2);
    }
}
