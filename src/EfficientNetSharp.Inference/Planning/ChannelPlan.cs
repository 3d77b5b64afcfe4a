using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference.Layout;

namespace EfficientNetSharp.Inference.Planning;

/// <summary>Channels that follow each other in a value and in the one that they are copied to.</summary>
/// <param name="Source">The node whose value they are of.</param>
/// <param name="From">The first of them there.</param>
/// <param name="To">Where the first comes.</param>
/// <param name="Count">How many.</param>
internal readonly record struct ChannelRun(Node Source, int From, int To, int Count);

/// <summary>
/// Where the channels of concatenations, slices and shuffles come from, through others that are never stored; and which layers write their
/// channels of a concatenation in place, so that nothing is copied.
/// </summary>
internal sealed class ChannelPlan
{
    private readonly Graph _graph;
    private readonly Fusion _fusion;
    private readonly Dictionary<int, (Node Concatenation, int First)> _places = [];

    public ChannelPlan(Graph graph, Fusion fusion, int lanes)
    {
        (_graph, _fusion) = (graph, fusion);
        var uses = graph.CountUses();
        foreach (var node in graph.Nodes)
        {
            if (node.Operator is Concatenation && !fusion.IsGathered(node)) FindPlaces(node, n => uses[n.Index], lanes);
        }
    }

    /// <summary>Where a layer writes its value; <see langword="null"/> for a place of its own.</summary>
    public (Node Concatenation, int First)? PlaceOf(Node node) => _places.TryGetValue(node.Index, out var place) ? place : null;

    /// <summary>What has to be copied to a channel operator's value: all but what is written there in place.</summary>
    public List<ChannelRun> Copied(Node node)
    {
        var runs = new List<ChannelRun>();
        int to = 0;
        foreach (var (source, channel) in Sources(node))
        {
            if (_places.TryGetValue(source.Index, out var place) && place.Concatenation == node)
            {
                to++;
                continue;
            }

            if (runs.Count > 0 && runs[^1] is var last && last.Source == source && last.From + last.Count == channel && last.To + last.Count == to)
                runs[^1] = last with { Count = last.Count + 1 };
            else runs.Add(new ChannelRun(source, channel, to, 1));
            to++;
        }

        return runs;
    }

    // The stored value and the channel of it that each channel of a node's value is.
    private IEnumerable<(Node Source, int Channel)> Sources(Node node)
    {
        for (int channel = 0; channel < node.Shape.Channels; channel++)
        {
            var (source, at) = Before(node, channel);
            while (_fusion.IsGathered(source)) (source, at) = Before(source, at);
            yield return (source, at);
        }
    }

    private (Node Source, int Channel) Before(Node node, int channel)
    {
        int input = 0;
        switch (node.Operator)
        {
            case ChannelSlice slice:
                channel += slice.First;
                break;
            case ChannelShuffle shuffle:
                channel = shuffle.SourceOf(channel, node.Shape.Channels);
                break;
            default:
                for (; channel >= InputOf(node, input).Shape.Channels; input++) channel -= InputOf(node, input).Shape.Channels;
                break;
        }

        return (InputOf(node, input), channel);
    }

    // Layers store whole vectors. What goes beyond their channels has to be written over by who has these channels, later, or to be
    // nobody's.
    private void FindPlaces(Node node, Func<Node, int> uses, int lanes)
    {
        int stride = Slot.For<float>(node.Name, node.Shape, lanes).Stride, end = node.Shape.Channels, next = int.MaxValue;
        for (int i = node.Inputs.Length - 1; i >= 0; i--)
        {
            var input = InputOf(node, i);
            int channels = input.Shape.Channels, first = end - channels;
            bool isInOrder = channels % lanes == 0 || input.Index < next;
            if (uses(input) == 1 && isInOrder && first + Slot.RoundUp(channels, lanes) <= stride && WritesAnywhere(input))
            {
                _places[input.Index] = (node, first);
                next = Math.Min(next, input.Index);
            }

            end = first;
        }
    }

    // Others count on a value of theirs to lie as another one does.
    private bool WritesAnywhere(Node node) => _graph.Quantization is null
        && _fusion.GroupOf(node) is { Residual: null } group && group.Last == node
        && (group.Root.Operator is MaxPool or AveragePool || (group.Root.Operator is Convolution { Groups: 1 } && !group.IsDepthwise));

    private Node InputOf(Node node, int input) => _graph.Nodes[node.Inputs[input]];
}
