using EfficientNetSharp.Graphs;
using EfficientNetSharp.Training.Torch.Functions;
using TorchSharp;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Torch;

/// <summary>Goes forwards over the nodes and writes the tape for the way back.</summary>
internal sealed class PassBuilder(PassNodes nodes, TrainingNoise noise)
{
    private readonly Tensor?[] _values = new Tensor?[nodes.Graph.Nodes.Length];

    public List<TapeEntry> Tape { get; } = [];

    /// <summary>Runs and returns the first output, which the caller disposes.</summary>
    public Tensor Run(Tensor images)
    {
        using var silent = no_grad();
        _values[0] = images.alias().DetachFromDisposeScope();
        Round(nodes.Graph.Input);
        foreach (var node in nodes.Graph.Nodes.AsSpan()[1..])
        {
            if (_values[node.Index] is null) Visit(node);
            // A normalisation's value is its function's, where one step makes both.
            if (_values[node.Index] is not null) Round(node);
            foreach (int input in node.Inputs)
            {
                if (nodes.LastUse[input] != node.Index) continue;
                _values[input]?.Dispose();
                _values[input] = null;
            }
        }

        foreach (var other in nodes.Graph.Outputs.AsSpan()[1..]) _values[other.Index]?.Dispose();
        return _values[nodes.Graph.Outputs[0].Index]!;
    }

    private void Visit(Node node)
    {
        bool frozen = nodes.Frozen[node.Index];
        if (!nodes.Learns[node.Index])
        {
            Set(node, node.Operator.Accept(TorchOperators.Instance, CallOf(node)));
            return;
        }

        if (!nodes.HasOwnKernels)
        {
            Libtorch(node);
            return;
        }

        switch (node.Operator)
        {
            case BatchNormalization norm:
                Normalize(node, norm, isFixed: frozen || nodes.Options.FixedStatistics);
                break;
            case Convolution { Kernel: 1, KernelWidth: 1, Groups: 1, Stride: 1, ExplicitPads: null } convolution:
                Pointwise(node, convolution);
                break;
            case Convolution convolution when IsDepthwise(convolution):
                Depthwise(node, convolution);
                break;
            case GlobalAveragePool:
                Set(node, ChannelFunctions.Means(Input(node, 0)));
                Tape.Add(new MeanEntry(node.Index, node.Inputs[0], Input(node, 0).shape));
                break;
            case Gate:
                GateBy(node);
                break;
            case Add:
                Sum(node);
                break;
            case StochasticDepth depth when !frozen:
                Scale(node, depth);
                break;
            default:
                Libtorch(node);
                break;
        }
    }

    private static bool IsDepthwise(Convolution op) =>
        op.Groups == op.InChannels && op.OutChannels == op.InChannels && op.Groups > 1 && op.Kernel == op.KernelWidth;

    // After the entry of what made the value, as the walk back meets them the other way round.
    private void Round(Node node)
    {
        if (nodes.GridOf(node) is not { } grid) return;
        var x = Maps.Innermost(Maps.Of(_values[node.Index]!)).DetachFromDisposeScope();
        var y = RoundingEntry.Rounded(x, grid);
        bool isRows = _values[node.Index]!.dim() == 2;
        _values[node.Index]!.Dispose();
        using var map = y;
        Set(node, isRows ? Maps.ToRows(map) : map.alias());
        Tape.Add(new RoundingEntry(node.Index, x, grid, nodes.ScaleGradient(node)?.DetachFromDisposeScope(), nodes.Learns[node.Index]));
    }

    private void Normalize(Node node, BatchNormalization op, bool isFixed)
    {
        var next = nodes.Functions[node.Index];
        var operands = new BatchNormOperands(
            nodes.Parameter(node, "weight"), nodes.Parameter(node, "bias"), nodes.Parameter(node, "running_mean"),
            nodes.Parameter(node, "running_var"),
            op.Epsilon, op.Momentum, next is null ? ActivationKind.Identity : ((Activation)next.Operator).Kind, nodes.Options.Synchronised)
        {
            IsFixed = isFixed,
        };
        using var x = Maps.Of(Input(node, 0));
        var function = BatchNormFunction.Forward(x, operands, out var y);
        var output = next ?? node;
        using var map = y;
        Set(output, node.Shape.IsVector ? Maps.ToRows(map) : map.alias());
        Tape.Add(new BatchNormEntry(
            node.Index, output.Index, Wanted(node, 0), function, nodes.Gradient(node, "weight"), nodes.Gradient(node, "bias")));
    }

    private void Depthwise(Node node, Convolution op)
    {
        var input = Input(node, 0);
        var pads = op.PadsFor(TensorShape.Map(op.InChannels, (int)input.shape[2], (int)input.shape[3]));
        var function = DepthwiseFunction.Forward(input, nodes.Parameter(node, "weight"), op.Stride, pads.Top, pads.Left, pads.Bottom,
            pads.Right, out var y);
        if (op.HasBias)
        {
            using var bias = nodes.Parameter(node, "bias").view(1, -1, 1, 1);
            y.add_(bias, Scalars.One);
        }

        Set(node, y);
        Tape.Add(new DepthwiseEntry(
            node.Index, Wanted(node, 0), function, nodes.Gradient(node, "weight"), op.HasBias ? nodes.Gradient(node, "bias") : null));
    }

    private void Pointwise(Node node, Convolution op)
    {
        using var map = Maps.Innermost(Input(node, 0));
        using var rows = map.permute(0, 2, 3, 1);
        var pixels = rows.view(-1, op.InChannels).DetachFromDisposeScope();
        var weight = nodes.Parameter(node, "weight").detach().view(op.OutChannels, op.InChannels).DetachFromDisposeScope();
        bool isOwn = !op.HasBias && PointwiseFunction.Takes(pixels.shape[0], op.InChannels, op.OutChannels);
        using var turned = weight.t();
        using var product = isOwn ? PointwiseFunction.Forward(pixels, weight)
            : op.HasBias ? addmm(nodes.Parameter(node, "bias"), pixels, turned, 1, 1) : pixels.mm(turned);
        using var productRows = product.view(rows.shape[0], rows.shape[1], rows.shape[2], op.OutChannels);
        Set(node, productRows.permute(0, 3, 1, 2));
        var weightGradient = nodes.Gradient(node, "weight")?.view(op.OutChannels, op.InChannels).DetachFromDisposeScope();
        Tape.Add(new PointwiseEntry(
            node.Index, Wanted(node, 0), isOwn, pixels, weight, weightGradient, op.HasBias ? nodes.Gradient(node, "bias") : null));
    }

    private void GateBy(Node node)
    {
        var x = Maps.Innermost(Input(node, 0)).DetachFromDisposeScope();
        var gate = Maps.Innermost(Input(node, 1)).DetachFromDisposeScope();
        Set(node, ChannelFunctions.Gated(x, gate));
        Tape.Add(new GateEntry(node.Index, Wanted(node, 0), Wanted(node, 1), x, gate));
    }

    private void Sum(Node node)
    {
        Set(node, Input(node, 0).Plus(Input(node, 1)));
        Tape.Add(new AddEntry(node.Index, Wanted(node, 0), Wanted(node, 1)));
    }

    private void Scale(Node node, StochasticDepth op)
    {
        var input = Input(node, 0);
        long[] perImage = [.. input.shape.Select((length, dimension) => dimension == 0 ? length : 1)];
        var factors = tensor(noise.KeepFactors(node.Index, perImage[0], 1, op.Rate), perImage).DetachFromDisposeScope();
        Set(node, input.mul(factors));
        Tape.Add(new ScaleEntry(node.Index, node.Inputs[0], factors));
    }

    private void Libtorch(Node node)
    {
        var leaves = new List<(int Node, Tensor Leaf)>();
        foreach (int input in node.Inputs.Distinct())
        {
            if (nodes.Learns[input]) leaves.Add((input, _values[input]!.detach().requires_grad_().DetachFromDisposeScope()));
        }

        var kept = leaves.Select(leaf => (leaf.Node, Value: _values[leaf.Node])).ToList();
        foreach (var (input, leaf) in leaves) _values[input] = leaf;
        Tensor value;
        using (enable_grad()) value = node.Operator.Accept(TorchOperators.Instance, CallOf(node)).DetachFromDisposeScope();
        foreach (var (input, before) in kept) _values[input] = before;
        Set(node, value.detach());
        Tape.Add(new LibtorchEntry(node.Index, value, leaves));
    }

    private TorchOperators.Call CallOf(Node node) =>
        new(node, _values, nodes.Tensors, nodes.Frozen[node.Index] ? null : noise, nodes.Options);

    private Tensor Input(Node node, int place) => _values[node.Inputs[place]]!;

    private int? Wanted(Node node, int place) => nodes.Learns[node.Inputs[place]] ? node.Inputs[place] : null;

    private void Set(Node node, Tensor value) => _values[node.Index] = value.DetachFromDisposeScope();
}
