using EfficientNetSharp.Files;
using EfficientNetSharp.Onnx.Schema;

namespace EfficientNetSharp.Onnx.Reading;

/// <summary>The nodes that the outputs need, each after what it takes and otherwise as in the file.</summary>
internal static class NodeOrder
{
    /// <exception cref="InvalidInputException">
    /// A value is made twice or by nothing, or nodes take each other's values in a circle.
    /// </exception>
    public static IEnumerable<OnnxNode> Of(GraphProto graph, int opset, ValueTable values)
    {
        var nodes = graph.Node.Select((proto, index) => new OnnxNode(proto, index, opset)).ToArray();
        var makers = Makers(nodes, values);
        var needed = Needed(graph, nodes, makers, values);
        var waiting = new Dictionary<int, int>();
        var takers = new Dictionary<int, List<int>>();
        var ready = new PriorityQueue<int, int>();
        foreach (int index in needed)
        {
            int[] before = [.. Inputs(nodes[index]).Where(makers.ContainsKey).Select(name => makers[name]).Distinct()];
            waiting[index] = before.Length;
            foreach (int maker in before)
            {
                if (!takers.TryGetValue(maker, out var list)) takers[maker] = list = [];
                list.Add(index);
            }

            if (before.Length == 0) ready.Enqueue(index, index);
        }

        var order = new List<OnnxNode>(needed.Count);
        while (ready.TryDequeue(out int index, out _))
        {
            order.Add(nodes[index]);
            foreach (int taker in takers.GetValueOrDefault(index, []))
            {
                if (--waiting[taker] == 0) ready.Enqueue(taker, taker);
            }
        }

        if (order.Count == needed.Count) return order;
        var stuck = nodes[needed.Where(index => waiting[index] > 0).Min()];
        throw stuck.Invalid("inputs that do not depend on its result", "a circle of nodes");
    }

    private static Dictionary<string, int> Makers(OnnxNode[] nodes, ValueTable values)
    {
        var makers = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < nodes.Length; i++)
        {
            foreach (string output in nodes[i].Proto.Output.Where(name => name.Length > 0))
            {
                if (!makers.TryAdd(output, i) || values.IsInitializer(output) || values.TryFeature(output) is not null)
                    throw nodes[i].Invalid("a result of its own", $"{OneLine.Quote(output)}, which is there already");
            }
        }

        return makers;
    }

    private static HashSet<int> Needed(GraphProto graph, OnnxNode[] nodes, Dictionary<string, int> makers, ValueTable values)
    {
        var needed = new HashSet<int>();
        var open = new Stack<(string Name, string Taker)>(graph.Output.Select(output => (output.Name, "the output")));
        while (open.TryPop(out var value))
        {
            if (makers.TryGetValue(value.Name, out int maker))
            {
                if (!needed.Add(maker)) continue;
                foreach (string input in Inputs(nodes[maker])) open.Push(
                    (input, $"the {OneLine.Clean(nodes[maker].Type)} node {OneLine.Quote(nodes[maker].Name)}"));
            }
            else if (!values.IsInitializer(value.Name) && values.TryFeature(value.Name) is null)
            {
                throw new InvalidInputException(
                    $"{value.Taker} takes {OneLine.Quote(value.Name)}, which nothing in the file yields; export it again.");
            }
        }

        return needed;
    }

    private static IEnumerable<string> Inputs(OnnxNode node) => node.Proto.Input.Where(name => name.Length > 0);
}
