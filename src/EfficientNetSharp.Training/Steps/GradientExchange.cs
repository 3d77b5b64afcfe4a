using System.Collections.Immutable;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Training.Distributed;
using EfficientNetSharp.Training.Torch;
using EfficientNetSharp.Training.Torch.Functions;

namespace EfficientNetSharp.Training.Steps;

/// <summary>
/// Adds up the gradients of all processes while the walk back goes on: kernels lie in the order of the graph, so the last stretch of the
/// vector is complete first, and is under way while the layers before it are differentiated.
/// </summary>
internal sealed unsafe class GradientExchange
{
    /// <summary>
    /// Values of a stretch: 4 MB, long enough that the cost of beginning is small against that of sending, short enough that
    /// EfficientNet-B0
    /// has five of them to overlap.
    /// </summary>
    private const int StretchLength = 1 << 20;

    private readonly IProcessGroup _group;
    private readonly FlatParameters _parameters;
    private readonly ImmutableArray<Stretch> _stretches;
    private readonly List<IPendingReduction> _pending = [];
    private int _begun;

    /// <summary>Cuts the vector of gradients.</summary>
    public GradientExchange(IProcessGroup group, FlatParameters parameters, Graph graph)
    {
        (_group, _parameters) = (group, parameters);
        _stretches = Cut(parameters, graph);
    }

    /// <summary>How many stretches there are.</summary>
    public int Count => _stretches.Length;

    /// <summary>For <see cref="TrainingPass.NodeDone"/>: begins with what is complete.</summary>
    public void NodeDone(int node)
    {
        while (_begun < _stretches.Length && _stretches[_begun].ReadyAt >= node) BeginNext();
    }

    /// <summary>Begins with the rest and returns when all gradients are the sums.</summary>
    public void Finish()
    {
        while (_begun < _stretches.Length) BeginNext();
        foreach (var reduction in _pending) reduction.Wait();
        _pending.Clear();
        _begun = 0;
    }

    private void BeginNext()
    {
        var stretch = _stretches[_begun++];
        _pending.Add(_group.BeginAllReduceSum(TensorMemory.PointerOf(_parameters.Gradients) + stretch.Start, stretch.Length));
    }

    // From the end of the kernels to their start, then all that comes after the kernels, which is small and complete last. What is trained
    // beside the network is complete before the walk over its nodes begins.
    private static ImmutableArray<Stretch> Cut(FlatParameters parameters, Graph graph)
    {
        var nodes = graph.Nodes.SelectMany(node => node.Parameters.Select(parameter => (parameter.Name, node.Index)))
            .ToDictionary(entry => entry.Name, entry => entry.Index, StringComparer.Ordinal);
        var stretches = ImmutableArray.CreateBuilder<Stretch>();
        var kernels = parameters.Trained.Where(entry => entry.Parameter.IsKernel && entry.Offset < parameters.SharedCount).Reverse().ToList();
        long end = kernels.Count == 0 ? 0 : kernels[0].Offset + kernels[0].Parameter.Count, kernelsEnd = end;
        int readyAt = int.MaxValue;
        foreach (var (parameter, offset) in kernels)
        {
            readyAt = Math.Min(readyAt, nodes.GetValueOrDefault(parameter.Name, int.MaxValue));
            if (end - offset < StretchLength && offset > 0) continue;
            stretches.Add(new Stretch((int)offset, (int)(end - offset), readyAt));
            (end, readyAt) = (offset, int.MaxValue);
        }

        int rest = (int)(parameters.SharedCount - kernelsEnd);
        if (rest > 0) stretches.Add(new Stretch((int)kernelsEnd, rest, -1));
        return stretches.ToImmutable();
    }

    /// <param name="Start">Its first value.</param>
    /// <param name="Length">Its values.</param>
    /// <param name="ReadyAt">It is complete when this node is done.</param>
    private readonly record struct Stretch(int Start, int Length, int ReadyAt);
}
