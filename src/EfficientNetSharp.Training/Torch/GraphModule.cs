using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Torch;

/// <summary>
/// A <see cref="Graph"/> as a TorchSharp computation: <see cref="Forward"/> walks the nodes and calls libtorch for each.
/// </summary>
internal sealed class GraphModule : IDisposable
{
    private readonly Graph _graph;
    private readonly int[] _lastUse;
    private readonly Dictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);

    public GraphModule(Graph graph, WeightSet weights)
    {
        TorchRuntime.Prepare();
        _graph = graph;
        _lastUse = LastUses(graph);
        Parameters = new FlatParameters(graph, weights);
        foreach (var (parameter, offset) in Parameters.Trained)
        {
            long[] shape = [.. parameter.Shape.Select(dimension => (long)dimension)];
            using var scope = NewDisposeScope();
            var values = new TorchSharp.Modules.Parameter(Parameters.Values.narrow(0, offset, parameter.Count).view(shape), requires_grad: true);
            values.grad = Parameters.Gradients.narrow(0, offset, parameter.Count).view(shape);
            _tensors.Add(parameter.Name, values.DetachFromDisposeScope());
        }

        foreach (var (parameter, offset) in Parameters.StatisticEntries)
            _tensors.Add(parameter.Name, Parameters.Statistics.narrow(0, offset, parameter.Count).DetachFromDisposeScope());
    }

    /// <summary>The tensors behind the layers.</summary>
    public FlatParameters Parameters { get; }

    /// <summary>
    /// Whether maps are held with their channels innermost: libtorch's CPU kernels for 1×1 and depthwise convolutions, which
    /// MBConv blocks consist of, are 1.5 to 2 times as fast so.
    /// </summary>
    public bool ChannelsLast { get; init; } = true;

    /// <summary>Runs a batch.</summary>
    /// <param name="pictures">[N,C,H,W].</param>
    /// <param name="noise">Where the random choices of a training pass come from; <see langword="null"/> for inference.</param>
    /// <returns>The output of the graph [N,…], the first where there are several; the caller disposes it.</returns>
    public Tensor Forward(Tensor pictures, TrainingNoise? noise = null)
    {
        var outputs = ForwardAll(pictures, noise);
        foreach (var other in outputs.AsSpan(1)) other.Dispose();
        return outputs[0];
    }

    /// <summary>Runs a batch for all outputs.</summary>
    /// <param name="pictures">[N,C,H,W].</param>
    /// <param name="noise">Where the random choices of a training pass come from; <see langword="null"/> for inference.</param>
    /// <returns>The outputs of the graph [N,…] in its order, which the caller disposes.</returns>
    public Tensor[] ForwardAll(Tensor pictures, TrainingNoise? noise = null)
    {
        var values = new Tensor?[_graph.Nodes.Length];
        values[0] = ChannelsLast ? ToChannelsLast(pictures) : pictures.alias();
        foreach (var node in _graph.Nodes.AsSpan()[1..])
        {
            values[node.Index] = node.Operator.Accept(TorchOperators.Instance, new TorchOperators.Call(node, values, _tensors, noise, ChannelsLast));
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

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var tensor in _tensors.Values) tensor.Dispose();
        Parameters.Dispose();
    }

    // TorchSharp has no memory_format; a permuted copy has the same strides.
    private static Tensor ToChannelsLast(Tensor pictures)
    {
        using var permuted = pictures.permute(0, 2, 3, 1);
        using var copy = permuted.contiguous();
        return copy.permute(0, 3, 1, 2);
    }

    private static int[] LastUses(Graph graph)
    {
        var last = new int[graph.Nodes.Length];
        foreach (var node in graph.Nodes)
        {
            foreach (int input in node.Inputs) last[input] = node.Index;
        }

        // A result is kept whatever else takes it.
        foreach (var output in graph.Outputs) last[output.Index] = int.MaxValue;
        return last;
    }
}
