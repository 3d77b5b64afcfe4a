using EfficientNetSharp.Graphs;
using TorchSharp;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Torch;

/// <summary>
/// A training pass: forwards over the graph's nodes, then backwards over the tape that this left. What costs much has kernels of its own
/// in both directions; any other operator is differentiated by libtorch, by itself.
/// </summary>
/// <remarks>
/// libtorch's autograd does the same for whole networks, and TorchSharp lets one add functions to it. But TorchSharp's functions keep an
/// empty copy of each output and every gradient until the step ends, which doubles a step's memory, and a parameter's gradient cannot be
/// awaited. Walking back oneself, each value goes when its last gradient is done, and <see cref="NodeDone"/> tells when a parameter's
/// gradient is complete, so that processes exchange it while the walk goes on.
/// </remarks>
internal sealed class TrainingPass : IDisposable
{
    private readonly Graph _graph;
    private readonly List<TapeEntry> _tape;
    private readonly Tensor _output;

    private TrainingPass(Graph graph, List<TapeEntry> tape, Tensor output)
    {
        (_graph, _tape) = (graph, tape);
        _output = output;
        Output = output.detach().requires_grad_().DetachFromDisposeScope();
    }

    /// <summary>The graph's output, [N,…]: a leaf, whose gradient the loss's own backward pass sets.</summary>
    public Tensor Output { get; }

    /// <summary>
    /// Called during <see cref="Backward"/> with a node's index when the gradients of all parameters of this node and of those after it
    /// are complete.
    /// </summary>
    public Action<int>? NodeDone { get; set; }

    /// <summary>Computes the output.</summary>
    /// <param name="nodes">What the network consists of.</param>
    /// <param name="images">[N,C,H,W], as the layers take them.</param>
    /// <param name="noise">The pass's chance.</param>
    public static TrainingPass Forward(PassNodes nodes, Tensor images, TrainingNoise noise)
    {
        var builder = new PassBuilder(nodes, noise);
        var output = builder.Run(images);
        return new TrainingPass(nodes.Graph, builder.Tape, output);
    }

    /// <summary>Adds the gradients of all that learns to its gradients, from the gradient of <see cref="Output"/>.</summary>
    /// <exception cref="InvalidOperationException">The output has no gradient yet: the loss's own backward pass comes first.</exception>
    public void Backward()
    {
        using var silent = no_grad();
        using var table = new GradientTable(_graph.Nodes.Length);
        var first = Output.grad ?? throw new InvalidOperationException("The loss has not been differentiated.");
        table.Add(_graph.Outputs[0].Index, first.DetachFromDisposeScope(), isOwn: false);
        for (int i = _tape.Count - 1; i >= 0; i--)
        {
            var entry = _tape[i];
            var (gradient, isOwn) = table.Take(entry.Output);
            if (gradient is not null) entry.Backward(gradient, isOwn, table);
            entry.Dispose();
            _tape.RemoveAt(i);
            NodeDone?.Invoke(entry.Node);
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var entry in _tape) entry.Dispose();
        Output.Dispose();
        _output.Dispose();
    }
}
