using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Testing.Networks;

/// <summary>
/// A small network that follows from a seed, over all that <see cref="GraphBuilder"/> accepts: every operator with every setting, windows
/// larger than their maps, padding beyond the window, strides beyond the map, odd numbers of channels, values that are taken several times,
/// not at all, or delivered as results. Blocks like those of real networks come often, and slightly wrong ones too, so that what
/// backends fuse is met with all that they must not fuse.
/// </summary>
public sealed class RandomNetwork
{
    // Numbers around the widths of vectors and of two of them, which is what a tile has.
    private static readonly int[] Channels = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 15, 16, 17, 20, 24, 31, 32, 33, 40, 47, 48, 64, 65];

    private readonly Random _random;
    private readonly GraphBuilder _builder;
    private readonly List<Node> _nodes = [];
    private long _macsLeft;
    private int _names;

    private RandomNetwork(int seed)
    {
        // The generator of a given seed is the same in all versions of .NET.
        _random = new Random(seed);

        // Few are large: enough work that backends share it among threads.
        bool isLarge = Chance(3);
        _macsLeft = isLarge ? 4_000_000 : 150_000;
        int side = isLarge ? 40 : Chance(15) ? 34 : 9;
        var input = TensorShape.Map(Chance(60) ? _random.Next(1, 5) : OneOf(Channels), _random.Next(1, side + 1),
            _random.Next(1, side + 1));
        _builder = new GraphBuilder(input);
        _nodes.Add(_builder.Last);
    }

    /// <summary>Makes the network.</summary>
    public static Graph Build(int seed)
    {
        var network = new RandomNetwork(seed);
        int steps = network._random.Next(1, 9);
        for (int i = 0; i < steps; i++) network.AppendAnything();
        return network.Finish();
    }

    private Graph Finish()
    {
        var outputs = new List<Node> { Chance(90) ? _nodes[^1] : OneOf(_nodes) };
        for (int more = Chance(30) ? _random.Next(1, 4) : 0; more > 0; more--) outputs.Add(OneOf(_nodes));
        return _builder.Build([.. outputs.Distinct()]);
    }

    private void AppendAnything()
    {
        switch (_random.Next(100))
        {
            case < 25:
                Append(Convolution(AnyMap()), AnyMap());
                break;
            case < 45:
                AppendBlock();
                break;
            case < 52:
                AppendFunction(Any());
                break;
            case < 57:
                AppendNorm(Any());
                break;
            case < 60:
                Append(MaxPool(), AnyMap());
                break;
            case < 63:
                Append(AveragePool(), AnyMap());
                break;
            case < 71:
                AppendGate(AnyMap());
                break;
            case < 75:
                AppendSum(Any());
                break;
            case < 79:
                AppendChannels(Any());
                break;
            case < 84:
                AppendConditional(AnyMap());
                break;
            case < 87:
                Append(new GlobalAveragePool(), AnyMap());
                break;
            case < 89:
                Append(Chance(30) ? new ZeroPad(default(Pads)) { Window = new PadWindow(Kernel(), Stride()) }
                    : new ZeroPad(new Pads(Side(), Side(), Side(), Side())), AnyMap());
                break;
            case < 91:
                Append(new Flatten(), Any());
                break;
            case < 96:
                AppendLinear();
                break;
            default:
                Append(Chance(50) ? new Dropout(0.3) : new StochasticDepth(0.2), Any());
                break;
        }
    }

    // Mostly what a mobile block or a residual one is; at every place now and then something else.
    private void AppendBlock()
    {
        if (Chance(25))
        {
            AppendChannelBlock(AnyMap());
            return;
        }

        var source = AnyMap();
        var x = source;
        if (Chance(70))
        {
            int width = OneOf(Channels);
            x = AppendLayer(x, Chance(80) ? Pointwise(x, width) : Convolution(x));
            var filter = new Convolution(x.Shape.Channels, x.Shape.Channels, OneOf([1, 2, 3, 3, 3, 5, 5, 7]), Chance(60) ? 1 : Stride(),
                x.Shape.Channels, Padding(), Chance(50));
            x = AppendLayer(x, WithPads(filter));
        }
        else
        {
            // Dense windows of 3×3 are what minimal filtering computes.
            x = AppendLayer(x, new Convolution(x.Shape.Channels, OneOf(Channels), 3, 1, 1, Padding(),
                Chance(50)) { ExplicitPads = Chance(20) ? Pads(3, 3) : null });
        }

        if (Chance(50)) x = AppendGate(x);
        if (Chance(70))
        {
            var project = Chance(85) ? Pointwise(x, Chance(60) ? source.Shape.Channels : OneOf(Channels)) : Convolution(x);
            x = AppendLayer(x, project with { Stride = Chance(80) ? 1 : Stride(), ExplicitPads = Chance(90) ? null : Pads(1, 1) },
                hasFunction: Chance(20));
        }

        if (Chance(60)) x = AppendSum(x);
        if (Chance(20)) AppendFunction(x);
    }

    // Mostly a Fire module or a unit of a ShuffleNet; one input more, another order or another user now and then.
    private void AppendChannelBlock(Node x)
    {
        bool isSplit = Chance(50) && x.Shape.Channels > 1;
        int first = isSplit ? _random.Next(1, x.Shape.Channels) : 0;
        var parts = new List<Node> { isSplit ? Append(new ChannelSlice(0, first), x) : AppendLayer(x, Pointwise(x, OneOf(Channels))) };
        var source = isSplit ? Append(new ChannelSlice(first, x.Shape.Channels - first), x) : x;
        for (int more = Chance(70) ? 1 : _random.Next(1, 4); more > 0; more--)
        {
            var branch = AppendLayer(source, Pointwise(source, OneOf(Channels)));
            if (Chance(40))
                branch = AppendLayer(branch, new Convolution(branch.Shape.Channels, branch.Shape.Channels, 3, 1, branch.Shape.Channels, PaddingStyle.Symmetric, false));
            if (Chance(60))
                branch = AppendLayer(branch, new Convolution(branch.Shape.Channels, OneOf(Channels), OneOf([1, 3]), 1, 1, PaddingStyle.Symmetric, Chance(50)));
            parts.Add(branch);
        }

        if (Chance(15)) AppendFunction(OneOf(parts));
        if (Chance(30)) parts.Reverse();
        var joined = parts.TrueForAll(part => part.Shape with { Channels = 1 } == parts[0].Shape with { Channels = 1 })
            ? Append(new Concatenation(parts.Count), [.. parts])
            : parts[0];
        if (Chance(50)) joined = AppendShuffle(joined);
        if (Chance(20)) AppendFunction(joined);
    }

    private void AppendChannels(Node x)
    {
        switch (_random.Next(3))
        {
            case 0:
                var fitting = _nodes.Where(node => node.Shape with { Channels = 1 } == x.Shape with { Channels = 1 }).ToArray();
                Append(new Concatenation(3), OneOf(fitting), x, OneOf(fitting));
                break;
            case 1:
                int first = _random.Next(x.Shape.Channels);
                Append(new ChannelSlice(first, _random.Next(1, x.Shape.Channels - first + 1)), x);
                break;
            default:
                AppendShuffle(x);
                break;
        }
    }

    private Node AppendShuffle(Node x) =>
        Append(new ChannelShuffle(OneOf([.. Enumerable.Range(1, x.Shape.Channels).Where(groups => x.Shape.Channels % groups == 0)])), x);

    private Node AppendLayer(Node x, Convolution op, bool hasFunction = true)
    {
        if (op.InChannels != x.Shape.Channels || x.Shape.IsVector) return x;
        var layer = Append(op, x);
        if (Chance(60)) layer = AppendNorm(layer);
        return hasFunction && Chance(80) ? AppendFunction(layer) : layer;
    }

    private Node AppendNorm(Node x) => Append(new BatchNormalization(x.Shape.Channels, OneOf([0, 1e-5, 1e-3]), 0.1), x);

    private Node AppendFunction(Node x) =>
        OneOf(Enum.GetValues<ActivationKind>()) is var kind && kind == ActivationKind.PRelu
            ? Append(new PRelu(x.Shape.Channels), x)
            : Append(new Activation(kind), x);

    private Node AppendGate(Node x)
    {
        if (x.Shape.IsVector) return x;
        var wanted = TensorShape.Map(x.Shape.Channels, 1, 1);
        var known = _nodes.Where(node => node.Shape == wanted).ToArray();
        if (known.Length > 0 && Chance(30)) return Append(new Gate(), x, OneOf(known));
        var gate = Append(new GlobalAveragePool(), x);
        if (gate.Shape != wanted) return x;
        if (Chance(60))
        {
            var squeezed = AppendFunction(Append(Pointwise(gate, _random.Next(1, 9)), gate));
            gate = squeezed.Shape.Positions == 1 ? Append(Pointwise(squeezed, x.Shape.Channels), squeezed) : gate;
        }

        if (Chance(80)) gate = Append(new Activation(Chance(50) ? ActivationKind.Sigmoid : ActivationKind.HardSigmoid), gate);
        return gate.Shape == wanted ? Append(new Gate(), x, gate) : x;
    }

    private Node AppendSum(Node x)
    {
        var fitting = _nodes.Where(node => node.Shape == x.Shape && (node != x || Chance(10))).ToArray();
        if (fitting.Length == 0)
        {
            if (x.Shape.IsVector) return x;
            fitting = [AppendLayer(x, Pointwise(x, x.Shape.Channels))];
            if (fitting[0].Shape != x.Shape) return x;
        }

        if (Chance(15)) x = Append(new StochasticDepth(0.2), x);
        var other = OneOf(fitting);
        return Chance(50) ? Append(new Add(), x, other) : Append(new Add(), other, x);
    }

    private void AppendConditional(Node x)
    {
        var shape = Convolution(x);
        var vectors = _nodes.Where(node => node.Shape is { IsVector: true, Channels: <= 4 }).ToArray();
        Node mixture;
        if (vectors.Length > 0 && Chance(40))
        {
            mixture = OneOf(vectors);
        }
        else
        {
            var mean = Append(new Flatten(), Append(new GlobalAveragePool(), x));
            if (!mean.Shape.IsVector) return;
            mixture = Append(new Activation(ActivationKind.Sigmoid),
                Append(new Linear(mean.Shape.Channels, _random.Next(1, 5), Chance(70)), mean));
        }

        if (mixture.Shape is { IsVector: true, Channels: <= 4 }) Append(new ConditionalConvolution(shape, mixture.Shape.Channels), x,
            mixture);
    }

    private void AppendLinear()
    {
        var x = Any();
        if (!x.Shape.IsVector) x = Append(new Flatten(), Chance(50) ? x : Append(new GlobalAveragePool(), x));
        if (x.Shape.IsVector) Append(new Linear(x.Shape.Channels, OneOf(Channels), Chance(70)), x);
        if (Chance(30)) AppendNorm(_nodes[^1]);
        if (Chance(40)) AppendFunction(_nodes[^1]);
    }

    private static Convolution Pointwise(Node x, int outputs) =>
        new(x.Shape.Channels, outputs, 1, 1, 1, PaddingStyle.Symmetric, HasBias: true);

    private Convolution Convolution(Node x)
    {
        int inputs = x.Shape.Channels, outputs = OneOf(Channels), groups = 1;
        if (Chance(25))
        {
            (groups, outputs) = (inputs, inputs * (Chance(75) ? 1 : _random.Next(2, 4)));
        }
        else if (Chance(35))
        {
            groups = OneOf([.. Enumerable.Range(1, inputs).Where(g => inputs % g == 0)]);
            outputs = groups * _random.Next(1, Math.Max(2, 70 / groups));
        }

        int kernel = Chance(35) ? 1 : Kernel();
        return WithPads(new Convolution(inputs, outputs, kernel, Stride(), groups, Padding(), Chance(60)) { KernelWidth = Chance(75)
            ? kernel : Kernel() });
    }

    private MaxPool MaxPool()
    {
        int kernel = Kernel();
        var pads = new Pads(_random.Next(kernel), _random.Next(kernel), _random.Next(kernel + 3), _random.Next(kernel + 3));
        return new MaxPool(kernel, Stride(), Padding()) { ExplicitPads = Chance(40) ? pads : null };
    }

    private AveragePool AveragePool() => new(MaxPool() is var like && Chance(80) ? like.Kernel : 1, like.Stride, like.Padding)
    {
        ExplicitPads = Chance(40) && like.ExplicitPads is { } pads ? pads : null, CountsPadding = Chance(50),
    };

    // Zeros, or rows and columns that are taken away.
    private int Side() => Chance(40) ? 0 : _random.Next(-2, 4);

    // Now and then a window that steps over the map: what it sees lies in the padding on one side.
    private Convolution WithPads(Convolution op) => Chance(65) ? op : op with
    {
        ExplicitPads = Pads(op.Kernel, op.KernelWidth),
        Stride = Chance(10) ? _random.Next(10, 60) : op.Stride,
    };

    // Up to the window, a little beyond it, or far.
    private Pads Pads(int kernel, int kernelWidth)
    {
        int beyond = Chance(60) ? 0 : Chance(70) ? 3 : 12;
        return new Pads(Pad(kernel), Pad(kernelWidth), Pad(kernel), Pad(kernelWidth));

        int Pad(int length) => Chance(25) ? 0 : _random.Next(length + beyond);
    }

    private int Kernel() => Chance(70) ? OneOf([2, 3, 3, 3, 5, 5]) : _random.Next(1, 10);

    private int Stride() => Chance(55) ? 1 : Chance(60) ? 2 : Chance(60) ? 3 : _random.Next(4, 20);

    private PaddingStyle Padding() => OneOf(Enum.GetValues<PaddingStyle>());

    private Node Any() => Chance(60) ? _nodes[^1] : OneOf(_nodes);

    private Node AnyMap() => _nodes[^1].Shape.IsVector || Chance(35) ? OneOf([.. _nodes.Where(node => !node.Shape.IsVector)]) : _nodes[^1];

    // The first input where the operator does not fit, or the network would be too slow for the reference.
    private Node Append(Operator op, params Node[] inputs)
    {
        try
        {
            var shape = op.Infer([.. inputs.Select(input => input.Shape)]);
            long macs = shape.Count * MacsPerValue(op);
            if (macs > _macsLeft) return inputs[0];
            var node = _builder.Append($"n{_names++}", op, inputs);
            _macsLeft -= macs;
            _nodes.Add(node);
            return node;
        }
        catch (ArgumentException)
        {
            return inputs[0];
        }
    }

    private static long MacsPerValue(Operator op) => op switch
    {
        Convolution c => (long)c.InChannels / c.Groups * c.Kernel * c.KernelWidth,
        ConditionalConvolution { Shape: var c } => (long)c.InChannels / c.Groups * c.Kernel * c.KernelWidth,
        MaxPool pool => pool.Kernel * pool.Kernel,
        AveragePool pool => pool.Kernel * pool.Kernel,
        Linear linear => linear.InFeatures,
        _ => 4,
    };

    private bool Chance(int percent) => _random.Next(100) < percent;

    private T OneOf<T>(IReadOnlyList<T> choices) => choices[_random.Next(choices.Count)];
}
