using System.Collections.Immutable;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference.Layout;

namespace EfficientNetSharp.Inference.Planning;

/// <summary>Nodes that one step computes: a root, and the functions and sums that its kernel applies before it stores.</summary>
internal sealed class FusedGroup(Node root)
{
    /// <summary>The operator that does the work.</summary>
    public Node Root { get; } = root;

    /// <summary>The node whose value is stored.</summary>
    public Node Last { get; private set; } = root;

    /// <summary>The function.</summary>
    public ActivationKind Activation { get; private set; }

    /// <summary>The node that holds the slopes of a parametric ReLU.</summary>
    public Node? PRelu { get; private set; }

    /// <summary>The node whose value is added.</summary>
    public Node? Residual { get; private set; }

    /// <summary>Whether it is added after the function.</summary>
    public bool ResidualAfter { get; private set; }

    /// <summary>The pooling whose sums are taken on the way.</summary>
    public Node? Pool { get; set; }

    /// <summary>The operator of the root, for a conditional convolution its shape.</summary>
    public Convolution? Convolution => Root.Operator as Convolution ?? (Root.Operator as ConditionalConvolution)?.Shape;

    /// <summary>Whether the root filters each channel by itself.</summary>
    public bool IsDepthwise => Convolution is { IsDepthwise: true } op && op.OutChannels == op.InChannels;

    /// <summary>Takes a function along; <see langword="false"/> if the kernel cannot.</summary>
    public bool TryActivate(Node node, ActivationKind kind)
    {
        bool canActivate = Convolution is not null || Root.Operator is Linear or BatchNormalization or Graphs.Add or Gate;
        if (!canActivate || Activation != ActivationKind.Identity || ResidualAfter) return false;
        (Last, Activation, PRelu) = (node, kind, kind == ActivationKind.PRelu ? node : null);
        return true;
    }

    /// <summary>Takes a sum along; <see langword="false"/> if the kernel cannot.</summary>
    public bool TryAdd(Node node, Node other)
    {
        bool isProduct = Root.Operator is Linear || (Convolution is not null && !IsDepthwise);
        if (!isProduct || Residual is not null) return false;
        (Last, Residual, ResidualAfter) = (node, other, Activation != ActivationKind.Identity);
        return true;
    }
}

/// <summary>Which nodes are computed together, and until when each value is needed.</summary>
internal sealed class Fusion
{
    private readonly FusedGroup?[] _groups;
    private readonly ImmutableArray<int> _lastUses;
    private readonly HashSet<int> _gatesInWeights = [], _gathered = [];
    private readonly Dictionary<FusedGroup, FusedGroup> _filters = [], _expansions = [];

    private Fusion(Graph graph)
    {
        _groups = new FusedGroup?[graph.Nodes.Length];
        var uses = graph.CountUses();
        foreach (var node in graph.Nodes) Take(graph, uses, node);
        foreach (var node in graph.Nodes)
        {
            if (node.Operator is Gate && GoesIntoWeights(graph, uses, node)) _gatesInWeights.Add(node.Index);
        }

        foreach (var group in _groups.OfType<FusedGroup>().Distinct())
        {
            if (group.IsDepthwise) PairWithExpansion(graph, uses, group);
        }

        foreach (var node in graph.Nodes) _gathered.Add(node.Index);
        foreach (var node in graph.Nodes)
        {
            // Whoever takes a value as it is wants it as one; who rearranges channels gathers them from where they are.
            if (!IsChannelOperator(node)) _gathered.ExceptWith(node.Inputs);
            if (!IsChannelOperator(node) || uses[node.Index] == 0 || IsRounded(graph, node.Index)) _gathered.Remove(node.Index);
        }

        _gathered.ExceptWith(graph.Outputs.Select(output => output.Index));
        _lastUses = graph.LastUses(TakenAt);
    }

    /// <summary>Looks at a graph.</summary>
    public static Fusion Of(Graph graph) => new(graph);

    /// <summary>The group that a node belongs to; none for the input and for flattenings.</summary>
    public FusedGroup? GroupOf(Node node) => _groups[node.Index];

    /// <summary>The depthwise convolution that computes another one along with itself, as it alone takes its value.</summary>
    public FusedGroup? FilterOf(FusedGroup expansion) => _filters.GetValueOrDefault(expansion);

    /// <summary>The convolution that a depthwise convolution computes along with itself.</summary>
    public FusedGroup? ExpansionOf(FusedGroup filter) => _expansions.GetValueOrDefault(filter);

    /// <summary>Whether a gate is computed by scaling the weights of the convolution that takes it.</summary>
    public bool IsInWeights(Node gate) => _gatesInWeights.Contains(gate.Index);

    /// <summary>Whether an operator only says which channels come where.</summary>
    public static bool IsChannelOperator(Node node) => node.Operator is Concatenation or ChannelSlice or ChannelShuffle;

    /// <summary>Whether the value of a channel operator is never stored, as all who take it gather its channels from its inputs.</summary>
    public bool IsGathered(Node node) => _gathered.Contains(node.Index);

    /// <summary>The index of the last stored node that needs a node's value; beyond all for the network's results.</summary>
    public int LastUse(Node node) => _lastUses[node.Index];

    // What is rounded on its way is a value of its own.
    private static bool IsRounded(Graph graph, int node) => graph.Quantization?.Of(graph.Nodes[node]) is not null;

    private void Take(Graph graph, ImmutableArray<int> uses, Node node)
    {
        bool merged = node.Operator switch
        {
            Activation activation => Sole(graph, uses, node, 0) is { } group && group.TryActivate(node, activation.Kind),
            PRelu => Sole(graph, uses, node, 0) is { } group && group.TryActivate(node, ActivationKind.PRelu),
            Add => TryAdd(graph, uses, node),
            _ => false,
        };
        if (merged) _groups[node.Index] = _groups[Host(node)];
        else if (node.Operator is not (Input or Flatten)) _groups[node.Index] = new FusedGroup(node);
        if (node.Operator is not GlobalAveragePool || IsRounded(graph, node.Inputs[0])) return;
        if (_groups[node.Inputs[0]] is { IsDepthwise: true, Pool: null } pooled && pooled.Last.Index == node.Inputs[0]) pooled.Pool = node;
    }

    private int Host(Node node) => node.Inputs.First(input => _groups[input]?.Last == node);

    // The group of an input that nothing else takes.
    private FusedGroup? Sole(Graph graph, ImmutableArray<int> uses, Node node, int input)
    {
        int index = node.Inputs[input];
        return uses[index] == 1 && !IsRounded(graph, index) && _groups[index] is { } group && group.Last.Index == index ? group : null;
    }

    // The later of the two operands adds the other, which is there by then.
    private bool TryAdd(Graph graph, ImmutableArray<int> uses, Node node)
    {
        if (node.Inputs[0] == node.Inputs[1]) return false;
        int later = node.Inputs[0] > node.Inputs[1] ? 0 : 1;
        foreach (int host in new[] { later, 1 - later })
        {
            if (Sole(graph, uses, node, host) is { } group && group.TryAdd(node, graph.Nodes[node.Inputs[1 - host]])) return true;
        }

        return false;
    }

    // Scaling the weights costs inputs · outputs, scaling the map inputs · pixels.
    private static bool GoesIntoWeights(Graph graph, ImmutableArray<int> uses, Node gate)
    {
        if (uses[gate.Index] != 1 || IsRounded(graph, gate.Index)) return false;
        var user = graph.Nodes.FirstOrDefault(node => node.Inputs.Contains(gate.Index));
        return user?.Operator is Convolution { Groups: 1 } op
            && user.Inputs[0] == gate.Index
            && Window.Of(op, gate.Shape).IsPointwise
            && op.OutChannels < gate.Shape.Positions;
    }

    private void PairWithExpansion(Graph graph, ImmutableArray<int> uses, FusedGroup filter)
    {
        int input = filter.Root.Inputs[0];
        if (uses[input] != 1 || IsRounded(graph, input) || _groups[input] is not { Residual: null } expansion || expansion.Last.Index != input) return;
        var source = graph.Nodes[expansion.Root.Inputs[0]];
        if (expansion.Convolution is not { Groups: 1 } op || source.Operator is Gate) return;

        // A stem has few inputs; those of other convolutions would pass by once for each panel of outputs.
        if (!Window.Of(op, source.Shape).IsPointwise && source.Operator is not Input) return;

        // The ring has the pixels of the map between, and room beside them for what windows that touch the map see of the padding.
        if (!Window.Of(filter.Convolution!, graph.Nodes[input].Shape).AlwaysTouchesMap) return;
        _filters[expansion] = filter;
        _expansions[filter] = expansion;
    }

    // The index of the node whose step reads a node's inputs: the last of its group. Flattenings, and gates and channel operators that are
    // not computed by themselves hand their inputs on to whoever takes their value; expansions are computed by their users.
    private int TakenAt(Node node, int lastUse)
    {
        var group = _groups[node.Index];
        if (node.Operator is Flatten || IsInWeights(node) || IsGathered(node)) return Math.Max(group?.Last.Index ?? node.Index, lastUse);
        if (group is null) return node.Index;
        return FilterOf(group) is { } filter ? Math.Max(group.Last.Index, filter.Last.Index) : group.Last.Index;
    }
}
