using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Architectures;

/// <summary>
/// Appends NASNet-A's cells (Zoph et al. 2018, Figure 4). A cell takes what the two cells before it yield, and joins the sums that it
/// makes of them.
/// </summary>
internal sealed class NasNetCells(BlockBuilder blocks, Architecture architecture)
{
    private const int NormalParts = 6, ReductionParts = 4;

    private readonly GraphBuilder _graph = blocks.Graph;

    // Functions of values, each computed once however many layers take it.
    private readonly Dictionary<Node, Node> _activated = new(ReferenceEqualityComparer.Instance);

    // What the cell before took, and the next one takes beside that one's value.
    private Node? _earlier;

    public void Append(string name, Stage stage, int stride)
    {
        var current = _graph.Last;
        var given = _earlier;
        bool isReduction = stage.Block == BlockKind.NasReduction;
        int parts = isReduction ? ReductionParts : NormalParts;
        int filters = Math.Max(2, (int)Math.Round(stage.Channels / (double)parts));
        var cell = new Cell(name, filters, blocks.ActivationOf(stage));

        // In the order in which the joined sums need them, which is that of a walk back from the result, too.
        if (isReduction)
        {
            var here = Here();
            AppendReduction(cell, here, Earlier(), stride);
        }
        else
        {
            var earlier = Earlier();
            AppendNormal(cell, Here(), earlier);
        }

        _earlier = stage.HandsOnEarlier ? given : current;

        Node Here() => AppendConvolution($"{name}.current", Activated(cell, current, "current"), filters);

        Node Earlier() => given is null ? current : Adjusted(cell, given, current.Shape);
    }

    private void AppendNormal(Cell cell, Node here, Node earlier)
    {
        var first = Sum(cell, 0, Separable(cell, "combine0.left", here, 5, 1), Separable(cell, "combine0.right", earlier, 3, 1));
        var second = Sum(cell, 1, Separable(cell, "combine1.left", earlier, 5, 1), Separable(cell, "combine1.right", earlier, 3, 1));
        var third = Sum(cell, 2, Mean(cell, "combine2.left", here, 1), earlier);
        // Twice the same mean, as in the paper's figure.
        var mean = Mean(cell, "combine3.left", earlier, 1);
        var fourth = Sum(cell, 3, mean, mean);
        var fifth = Sum(cell, 4, Separable(cell, "combine4.left", here, 3, 1), here);
        _graph.Append($"{cell.Name}.concat", new Concatenation(NormalParts), earlier, first, second, third, fourth, fifth);
    }

    private void AppendReduction(Cell cell, Node here, Node earlier, int stride)
    {
        var largest = Largest(cell, "combine1.left", here, stride);
        var second = Sum(cell, 1, largest, Separable(cell, "combine1.right", earlier, 7, stride));
        var third = Sum(cell, 2, Mean(cell, "combine2.left", here, stride), Separable(cell, "combine2.right", earlier, 5, stride));
        var first = Sum(
            cell, 0, Separable(cell, "combine0.left", here, 5, stride), Separable(cell, "combine0.right", earlier, 7, stride));
        var fourth = Sum(cell, 3, Mean(cell, "combine3.right", first, 1), second);
        var fifth = Sum(cell, 4, Separable(cell, "combine4.left", first, 3, 1), largest);
        _graph.Append($"{cell.Name}.concat", new Concatenation(ReductionParts), second, third, fourth, fifth);
    }

    // The earlier value with the cell's filters and the current one's size. A map that is twice as large is taken at its even and its odd
    // positions, each through half of the filters.
    private Node Adjusted(Cell cell, Node earlier, TensorShape size)
    {
        string name = $"{cell.Name}.earlier";
        var map = Activated(cell, earlier, "earlier");
        if (map.Shape.Height == size.Height && map.Shape.Width == size.Width) return AppendConvolution(name, map, cell.Filters);
        int half = cell.Filters / 2;
        var even = Every($"{cell.Name}.even", map, half);
        var odd = Every($"{cell.Name}.odd", _graph.Append($"{cell.Name}.odd.pad", new ZeroPad(new Pads(-1, -1, 1, 1)), map), cell.Filters - half);
        _graph.Append($"{name}.concat", new Concatenation(2), even, odd);
        return blocks.AppendNormalization($"{name}.norm");
    }

    private Node Every(string name, Node map, int channels)
    {
        var kept = _graph.Append($"{name}.pool", new AveragePool(1, 2, PaddingStyle.None), map);
        return _graph.Append($"{name}.conv", Pointwise(kept, channels));
    }

    // Function, depthwise, 1×1, normalisation, twice; the first steps and, where it must, changes the channels.
    private Node Separable(Cell cell, string part, Node input, int kernel, int stride)
    {
        string name = $"{cell.Name}.{part}";
        AppendSeparable(name, 1, Activated(cell, input, part), cell.Filters, kernel, stride);
        var between = _graph.AppendActivation($"{name}.activation2", cell.Activation);
        return AppendSeparable(name, 2, between, cell.Filters, kernel, 1);
    }

    private Node AppendSeparable(string name, int number, Node input, int filters, int kernel, int stride)
    {
        int channels = input.Shape.Channels;
        var filter = new Convolution(channels, channels, kernel, stride, channels, architecture.Padding, HasBias: false);
        _graph.Append($"{name}.depthwise{number}", filter, input);
        _graph.Append($"{name}.pointwise{number}", Pointwise(_graph.Last, filters));
        return blocks.AppendNormalization($"{name}.norm{number}");
    }

    private Node Activated(Cell cell, Node value, string part)
    {
        if (!_activated.TryGetValue(value, out var activated))
            _activated[value] = activated = _graph.AppendActivation($"{cell.Name}.{part}.activation", value, cell.Activation);
        return activated;
    }

    private Node AppendConvolution(string name, Node input, int channels) =>
        blocks.AppendNormalizedConvolution(name, input, channels, 1, 1, 1, ActivationKind.Identity);

    private Convolution Pointwise(Node input, int channels) =>
        new(input.Shape.Channels, channels, 1, 1, 1, architecture.Padding, HasBias: false);

    private Node Mean(Cell cell, string part, Node input, int stride) => _graph.Append(
        $"{cell.Name}.{part}.pool",
        new AveragePool(3, stride, architecture.Padding) { CountsPadding = architecture.CountsPadding && stride > 1 }, input);

    private Node Largest(Cell cell, string part, Node input, int stride)
    {
        string name = $"{cell.Name}.{part}";
        if (!architecture.MaximaCountPadding) return _graph.Append($"{name}.pool", new MaxPool(3, stride, architecture.Padding), input);
        var padded = _graph.Append($"{name}.pad", new ZeroPad(default(Pads)) { Window = new PadWindow(3, stride) }, input);
        return _graph.Append($"{name}.pool", new MaxPool(3, stride, PaddingStyle.None), padded);
    }

    private Node Sum(Cell cell, int number, Node left, Node right) => _graph.Append($"{cell.Name}.combine{number}.add", new Add(), left, right);

    private sealed record Cell(string Name, int Filters, ActivationKind Activation);
}
