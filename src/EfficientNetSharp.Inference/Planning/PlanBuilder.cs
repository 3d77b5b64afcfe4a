using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Inference.Integers;
using EfficientNetSharp.Inference.Kernels;
using EfficientNetSharp.Inference.Layout;
using EfficientNetSharp.Inference.Memory;
using EfficientNetSharp.Inference.Steps;
using EfficientNetSharp.Models;
using EfficientNetSharp.Vectors;

namespace EfficientNetSharp.Inference.Planning;

/// <summary>What a builder yields.</summary>
internal sealed record BuiltPlan(PlanStep[] Steps, ArenaLayout Arena, long ScratchBytes, long WeightBytes);

/// <summary>Makes the steps of a folded graph for one kind of vectors, packs the weights and lays out the memory.</summary>
internal sealed class PlanBuilder<TSimd, TVector> : IOperatorVisitor<FusedGroup, Slot>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    private readonly Graph _graph;
    private readonly WeightSet _weights;
    private readonly Fusion _fusion;
    private readonly ChannelPlan _channels;
    private readonly Dictionary<Node, Slot> _wholes = new(ReferenceEqualityComparer.Instance);
    private readonly List<PlanStep> _steps = [];
    private readonly Slot?[] _values;
    private readonly Slot?[] _integers;
    private readonly QuantizationPlan? _quantization;
    private readonly IIntegerPlanner? _planner;
    private readonly Slot?[] _sums;
    private readonly Dictionary<Slot, int> _neededUntil = [];
    private readonly Dictionary<int, Slot> _rounded = [];
    private readonly Slab _slab;
    private long _weightBytes;

    private PlanBuilder(Graph graph, WeightSet weights)
    {
        (_graph, _weights, _fusion) = (graph, weights, Fusion.Of(graph));
        _channels = new ChannelPlan(graph, _fusion, TSimd.Lanes);

        // Padding to whole vectors makes some of them up to a half larger.
        _slab = new Slab(weights.Values.Sum(tensor => (long)tensor.Values.Length) * sizeof(float) * 3 / 2);
        _values = new Slot?[graph.Nodes.Length];
        _integers = new Slot?[graph.Nodes.Length];
        _quantization = graph.Quantization;
        _planner = _quantization is null ? null : IntegerPlanners.For(TSimd.Lanes, graph, weights, _quantization);
        _sums = new Slot?[graph.Nodes.Length];
    }

    /// <summary>Makes the steps.</summary>
    /// <exception cref="InvalidInputException">The engine lacks an operator of it, or a value is too large.</exception>
    public static BuiltPlan Build(Graph graph, WeightSet weights)
    {
        PlanLimits.Check(graph, TSimd.Lanes);
        if (graph.Quantization is { } quantization) IntegerLimits.Check(graph, weights, quantization);
        return new PlanBuilder<TSimd, TVector>(graph, weights).Build();
    }

    private BuiltPlan Build()
    {
        foreach (var node in _graph.Nodes)
        {
            if (_quantization is not null && _quantization.ComputesInIntegers(_graph, node)) AddIntegerStep(node);
            else if (_fusion.GroupOf(node) is { } group && group.Last == node && HasStep(group))
                Keep(node, group.Root.Operator.Accept(this, group));
            for (int i = 0; i < _graph.Outputs.Length; i++)
            {
                if (_graph.Outputs[i] == node) _steps.Add(PlanesStep.ToOutput(node.Name, ValueOf(node), i));
            }
        }

        var layout = new ArenaLayout();
        for (int i = 0; i < _steps.Count; i++)
        {
            foreach (var slot in _steps[i].Reads.Concat(_steps[i].Writes)) layout.Use(slot, i);
        }

        layout.Place();
        return new BuiltPlan([.. _steps], layout, _steps.Max(step => step.ScratchBytes), _weightBytes + (_planner?.WeightBytes ?? 0));
    }

    // Gates in weights, expansions and channels in other places are seen to by those who take their values.
    private bool HasStep(FusedGroup group) =>
        !_fusion.IsInWeights(group.Root) && _fusion.FilterOf(group) is null && !_fusion.IsGathered(group.Root);

    public Slot Visit(Convolution op, FusedGroup group) => AddConvolution(group);

    public Slot Visit(ConditionalConvolution op, FusedGroup group) => AddConvolution(group);

    private Slot AddConvolution(FusedGroup group)
    {
        var (node, op) = (group.Root, group.Convolution!);
        var window = Window.Of(op, InputOf(node).Shape);
        if (group.IsDepthwise) return AddDepthwise(group, window);
        var layer = LayerOf(group, window);
        if (op.Groups > 1)
        {
            var y = SlotFor(group.Last);
            _steps.Add(new GroupedStep<TSimd, TVector>(group.Last.Name, PanelsOf(op, window), ValueOf(node, 0), y, layer));
            return y;
        }

        if (TakesWinograd(group, window))
        {
            var y = SlotFor(group.Last);
            _steps.Add(new WinogradStep<TSimd, TVector>(group.Last.Name, window, ValueOf(node, 0), y, layer));
            return y;
        }

        if (InputOf(node) is not { Operator: Gate } gate || !_fusion.IsInWeights(gate))
            return AddProduct(group, window, TakesPlanes(node) ? null : ValueOf(node, 0), op.InChannels, layer);

        return AddProduct(group, window, ValueOf(gate, 0), op.InChannels, layer with { Gate = ValueOf(gate, 1) });
    }

    // A convolution's weights, packed; of a conditional one, a step that mixes them for each image.
    private Layer LayerOf(FusedGroup group, Window window)
    {
        var (node, op) = (group.Root, group.Convolution!);
        float[] kernels = Tensor(node, 0);
        float[]? bias = op.HasBias ? Tensor(node, 1) : null;
        int count = (node.Operator as ConditionalConvolution)?.Experts ?? 1, length = kernels.Length / count;
        var packed = new AlignedBuffer<float>[count];
        for (int e = 0; e < count; e++)
        {
            var kernel = kernels.AsSpan(e * length, length);
            packed[e] = group.IsDepthwise ? PackDepthwise(node, kernel, op, window)
                : op.Groups > 1 ? PackGrouped(node, kernel, PanelsOf(op, window))
                : TakesWinograd(group, window) ? PackWinograd(node, kernel, op)
                : PackMatrix(node, kernel, op.OutChannels, op.InChannels, window, TakesPlanes(node));
        }

        if (node.Operator is not ConditionalConvolution) return new Layer(packed[0], null, bias, EpilogueOf(group));
        var mixed = Slot.Working<float>(node.Name, packed[0].Length);
        _steps.Add(new MixedWeightsStep<TSimd, TVector>(node.Name, packed, ValueOf(node, 1), mixed));
        return new Layer(null, mixed, bias, EpilogueOf(group));
    }

    public Slot Visit(Linear op, FusedGroup group)
    {
        // A layer on a flattened map is a convolution with a kernel as large as the map.
        var node = group.Root;
        var input = InputOf(node);
        var map = input.Operator is Flatten ? InputOf(input) : input;
        var window = map.Shape.IsVector
            ? new Window(1, 1, 1, 1, 1, default)
            : new Window(map.Shape.Height, map.Shape.Width, map.Shape.Height, map.Shape.Width, 1, default);
        var packed = PackMatrix(node, Tensor(node, 0), op.OutFeatures, map.Shape.Channels, window, planar: false);
        var layer = new Layer(packed, null, op.HasBias ? Tensor(node, 1) : null, EpilogueOf(group));
        return AddProduct(group, window, ValueOf(map), map.Shape.Channels, layer);
    }

    public Slot Visit(BatchNormalization op, FusedGroup group)
    {
        float[] gamma = Tensor(group.Root, 0), beta = Tensor(group.Root, 1), mean = Tensor(group.Root, 2), variance = Tensor(group.Root, 3);
        float[] scale = new float[op.Channels], shift = new float[op.Channels];
        for (int c = 0; c < op.Channels; c++)
        {
            // In double, as float32 would lose digits where the variance is small.
            double factor = gamma[c] / Math.Sqrt(variance[c] + op.Epsilon);
            scale[c] = (float)factor;
            shift[c] = (float)(beta[c] - (mean[c] * factor));
        }

        return AddElementwise(group, new Elementwise(scale, shift));
    }

    public Slot Visit(Activation op, FusedGroup group) => AddElementwise(group, new Elementwise(), op.Kind);

    public Slot Visit(PRelu op, FusedGroup group) => AddElementwise(group, new Elementwise(), ActivationKind.PRelu, Tensor(group.Root, 0));

    public Slot Visit(Add op, FusedGroup group) => AddElementwise(group, new Elementwise(Addend: ValueOf(group.Root, 1)));

    public Slot Visit(Gate op, FusedGroup group) => AddElementwise(group, new Elementwise(Gate: ValueOf(group.Root, 1)));

    public Slot Visit(MaxPool op, FusedGroup group)
    {
        var x = ValueOf(group.Root, 0);
        var window = new Window(x.Height, x.Width, op.Kernel, op.Kernel, op.Stride, op.PadsFor(InputOf(group.Root).Shape));
        var y = SlotFor(group.Last);
        _steps.Add(new MaxPoolStep<TSimd, TVector>(group.Root.Name, window, x, y));
        return y;
    }

    public Slot Visit(AveragePool op, FusedGroup group)
    {
        var x = ValueOf(group.Root, 0);
        var window = new Window(x.Height, x.Width, op.Kernel, op.Kernel, op.Stride, op.PadsFor(InputOf(group.Root).Shape));
        var y = SlotFor(group.Last);
        _steps.Add(new AveragePoolStep<TSimd, TVector>(group.Root.Name, window, op.CountsPadding, x, y));
        return y;
    }

    public Slot Visit(ZeroPad op, FusedGroup group)
    {
        var (x, y) = (ValueOf(group.Root, 0), SlotFor(group.Last));
        _steps.Add(new ZeroPadStep<float>(group.Root.Name, op.PadsFor(InputOf(group.Root).Shape), x, y));
        return y;
    }

    public Slot Visit(Concatenation op, FusedGroup group) => AddChannels(group.Root);

    public Slot Visit(ChannelSlice op, FusedGroup group) => AddChannels(group.Root);

    public Slot Visit(ChannelShuffle op, FusedGroup group) => AddChannels(group.Root);

    private Slot AddChannels(Node node)
    {
        var runs = _channels.Copied(node).Select(run => (ValueOf(run.Source), run.From, run.To, run.Count)).ToList();
        var y = WholeOf(node);
        if (runs.Count > 0) _steps.Add(new ChannelsStep(node.Name, runs, y));
        return y;
    }

    public Slot Visit(GlobalAveragePool op, FusedGroup group)
    {
        var node = group.Root;
        var y = SlotFor(node);
        int pixels = (int)InputOf(node).Shape.Positions;
        _steps.Add(_sums[node.Index] is { } sums
            ? new MeanStep<TSimd, TVector>(node.Name, sums, sums.Height, pixels, y)
            : new MeanStep<TSimd, TVector>(node.Name, ValueOf(node, 0), pixels, pixels, y));
        return y;
    }

    public Slot Visit(Input op, FusedGroup group) => throw Unplanned(group.Root);

    public Slot Visit(Flatten op, FusedGroup group) => throw Unplanned(group.Root);

    public Slot Visit(Dropout op, FusedGroup group) => throw Unplanned(group.Root);

    public Slot Visit(StochasticDepth op, FusedGroup group) => throw Unplanned(group.Root);

    private static InvalidOperationException Unplanned(Node node) =>
        new($"{node.Name} ({node.Operator.GetType().Name}) is not computed by a step of its own.");

    private Slot AddProduct(FusedGroup group, Window window, Slot? x, int inputs, Layer layer)
    {
        var y = SlotFor(group.Last);
        var (name, kind) = (group.Last.Name, y.Positions == 1 && window.SeesWholeMap ? PlanStepKind.Linear : PlanStepKind.Pointwise);
        _steps.Add(x is not null && (window.IsPointwise || (window.SeesWholeMap && ProductStep<TSimd, TVector>.IsOneRow(x)))
            ? new ProductStep<TSimd, TVector>(name, kind, x, y, layer)
            : new ConvolutionStep<TSimd, TVector>(name, window, inputs, x, y, layer));
        return y;
    }

    private Slot AddDepthwise(FusedGroup group, Window window)
    {
        var y = SlotFor(group.Last);
        var depthwise = LayerOf(group, window);
        if (_fusion.ExpansionOf(group) is { } expansion)
        {
            var op = expansion.Convolution!;
            var expandWindow = Window.Of(op, InputOf(expansion.Root).Shape);
            var expand = LayerOf(expansion, expandWindow);
            var sums = SumsFor(group, y, ExpandDepthwiseStep<TSimd, TVector>.Bands(window.OutputHeight));
            var x = TakesPlanes(expansion.Root) ? null : ValueOf(expansion.Root, 0);
            _steps.Add(new ExpandDepthwiseStep<TSimd, TVector>(
                group.Last.Name, expandWindow, window, op.InChannels, x, y, sums, expand, depthwise));
        }
        else
        {
            var sums = SumsFor(group, y, DepthwiseStep<TSimd, TVector>.Bands(window.OutputHeight));
            _steps.Add(new DepthwiseStep<TSimd, TVector>(group.Last.Name, window, ValueOf(group.Root, 0), y, sums, depthwise));
        }

        return y;
    }

    // Where a pooling wants them: the channels' sums over each band of rows.
    private Slot? SumsFor(FusedGroup group, Slot y, int bands)
    {
        if (group.Pool is not { } pool) return null;
        return _sums[pool.Index] = Slot.For<float>(pool.Name, TensorShape.Map(y.Channels, bands, 1), TSimd.Lanes);
    }

    private Slot AddElementwise(FusedGroup group, Elementwise work) =>
        AddElementwise(group, work, group.Activation, group.PRelu is null ? null : Tensor(group.PRelu, 0));

    // In its input's place where nobody needs that any more.
    private Slot AddElementwise(FusedGroup group, Elementwise work, ActivationKind activation, float[]? slopes = null)
    {
        var x = ValueOf(group.Root, 0);
        var y = _neededUntil[x] <= group.Last.Index ? x : SlotFor(group.Last);
        _steps.Add(new ElementwiseStep<TSimd, TVector>(group.Last.Name, x, y, work, activation, slopes));
        return y;
    }

    private LayerEpilogue EpilogueOf(FusedGroup group) => new(
        group.Activation,
        group.PRelu is null ? null : Tensor(group.PRelu, 0),
        group.Residual is null ? null : ValueOf(group.Residual),
        group.ResidualAfter);

    private void AddIntegerStep(Node node)
    {
        if (_planner!.Plan(node, IntegersOf) is not var (step, value)) return;
        if (step is not null) _steps.Add(step);
        _integers[node.Index] = value;
    }

    // A value's integers, rounded from its numbers where it was computed in floats.
    private Slot IntegersOf(Node node)
    {
        if (_integers[node.Index] is { } known) return known;
        var slot = _planner!.SlotFor(node);
        var quantizer = new Quantizer(_quantization!.Of(node)!, _quantization.Arithmetic);
        _steps.Add(node.Operator is Input
            ? new QuantizeImageStep(node.Name, slot, quantizer)
            : new QuantizeStep(node.Name, UnroundedOf(node), slot, quantizer));
        return _integers[node.Index] = slot;
    }

    // Where the plan rounds a value, whoever takes it sees what its integers stand for.
    private Slot RoundedOf(Node node, ValueQuantization quantization)
    {
        if (_rounded.TryGetValue(node.Index, out var known)) return known;
        var integers = IntegersOf(node);
        var slot = SlotFor(node);
        _steps.Add(new DequantizeStep(node.Name, integers, slot, quantization.Scale));
        _neededUntil[slot] = int.MaxValue;
        return _rounded[node.Index] = slot;
    }

    private void Keep(Node node, Slot slot)
    {
        _values[node.Index] = slot;
        _neededUntil[slot] = Math.Max(_neededUntil.GetValueOrDefault(slot), _fusion.LastUse(node));
    }

    private Slot ValueOf(Node node, int input) => ValueOf(_graph.Nodes[node.Inputs[input]]);

    private Slot ValueOf(Node node) => _quantization?.Of(node) is { } quantization ? RoundedOf(node, quantization) : UnroundedOf(node);

    // The image as pixels and flattened maps are made only for those who need them in that form.
    private Slot UnroundedOf(Node node)
    {
        if (_values[node.Index] is { } known) return known;
        Slot slot;
        switch (node.Operator)
        {
            case Input:
                slot = SlotFor(node);
                _steps.Add(new InputStep(node.Name, slot));
                break;
            case Flatten when InputOf(node).Shape.Positions == 1:
                slot = ValueOf(node, 0);
                break;
            case Flatten:
                slot = SlotFor(node);
                _steps.Add(PlanesStep.ToVector(node.Name, ValueOf(node, 0), slot));
                break;
            default:
                throw Unplanned(node);
        }

        Keep(node, slot);
        return slot;
    }

    // A convolution with few channels gathers them from the image's planes itself.
    private bool TakesPlanes(Node node) => InputOf(node) is { Operator: Input } input && input.Shape.Channels < TSimd.Lanes
        && _quantization?.Of(input) is null;

    private bool TakesWinograd(FusedGroup group, Window window) =>
        !TakesPlanes(group.Root)
        && _fusion.FilterOf(group) is null
        && WinogradStep<TSimd, TVector>.Pays(window, group.Convolution!.InChannels, group.Convolution.OutChannels);

    private Node InputOf(Node node) => _graph.Nodes[node.Inputs[0]];

    // A place of its own, or the node's channels of a concatenation.
    private Slot SlotFor(Node node) => _channels.PlaceOf(node) is { } place
        ? WholeOf(place.Concatenation).Part(node.Name, place.First, node.Shape.Channels, TSimd.Lanes)
        : Slot.For<float>(node.Name, node.Shape, TSimd.Lanes);

    // The first who writes into a concatenation makes its place.
    private Slot WholeOf(Node node)
    {
        if (!_wholes.TryGetValue(node, out var whole)) _wholes[node] = whole = SlotFor(node);
        return whole;
    }

    private float[] Tensor(Node node, int index) => _weights[node.Parameters[index]].Values;

    private static GroupedPanels PanelsOf(Convolution op, Window window) =>
        new(op.InChannels, op.OutChannels, op.Groups, window, TSimd.Lanes);

    private AlignedBuffer<float> PackGrouped(Node node, ReadOnlySpan<float> kernel, GroupedPanels panels)
    {
        var packed = Take(node, panels.StartOf(panels.Count));
        panels.Pack(kernel, packed.Span);
        return packed;
    }

    private AlignedBuffer<float> PackMatrix(Node node, ReadOnlySpan<float> kernel, int outputs, int inputs, Window window, bool planar)
    {
        var packed = Take(node, WeightPacking.MatrixLength(outputs, inputs * window.Taps, TSimd.Lanes));
        WeightPacking.PackMatrix(kernel, outputs, inputs, window, planar, TSimd.Lanes, packed.Span);
        return packed;
    }

    private AlignedBuffer<float> PackWinograd(Node node, ReadOnlySpan<float> kernel, Convolution op)
    {
        var packed = Take(node, Winograd.Places * WeightPacking.MatrixLength(op.OutChannels, op.InChannels, TSimd.Lanes));
        WeightPacking.PackWinograd(kernel, op.OutChannels, op.InChannels, TSimd.Lanes, packed.Span);
        return packed;
    }

    private AlignedBuffer<float> PackDepthwise(Node node, ReadOnlySpan<float> kernel, Convolution op, Window window)
    {
        var packed = Take(node, (long)Slot.RoundUp(op.OutChannels, TSimd.Lanes) * window.Taps);
        WeightPacking.PackDepthwise(kernel, op.OutChannels, window.Taps, TSimd.Lanes, packed.Span);
        return packed;
    }

    private AlignedBuffer<float> Take(Node node, long length)
    {
        PlanLimits.EnsureWeightsFit(node, length);
        _weightBytes += length * sizeof(float);
        return _slab.Take<float>(length);
    }
}
