using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Quantization.Search;

/// <summary>Converters as nodes: wherever a value is wanted in another type than it has, an identity stands that has that type.</summary>
internal static class TypeConverters
{
    /// <summary>Inserts converters.</summary>
    /// <param name="graph">A network of floats.</param>
    /// <param name="typeOf">The type that a node computes in.</param>
    /// <returns>
    /// The network, all of whose old nodes have their names, and for each converter the node of the old network that it converts.
    /// </returns>
    public static (Graph Graph, IReadOnlyDictionary<string, (Node Source, string Type)> Converters) Insert(
        Graph graph, Func<Node, string> typeOf)
    {
        var builder = new GraphBuilder(graph.Input.Shape, graph.Input.Name);
        var names = graph.Nodes.Select(node => node.Name).ToHashSet(StringComparer.Ordinal);
        var nodes = new Node[graph.Nodes.Length];
        var converted = new Dictionary<(int Source, string Type), Node>();
        var converters = new Dictionary<string, (Node Source, string Type)>(StringComparer.Ordinal);
        nodes[0] = builder.Last;
        foreach (var node in graph.Nodes.Skip(1))
        {
            string type = typeOf(node);
            var inputs = new Node[node.Inputs.Length];
            for (int i = 0; i < inputs.Length; i++)
            {
                var source = graph.Nodes[node.Inputs[i]];
                inputs[i] = nodes[source.Index];
                if (typeOf(source) == type) continue;
                if (!converted.TryGetValue((source.Index, type), out var converter))
                {
                    string name = $"{source.Name}.to_{type}";
                    while (!names.Add(name)) name += "_";
                    builder.Place = source.Place;
                    converter = builder.Append(name, new Activation(ActivationKind.Identity), nodes[source.Index]);
                    converted.Add((source.Index, type), converter);
                    converters.Add(name, (source, type));
                }

                inputs[i] = converter;
            }

            builder.Place = node.Place;
            nodes[node.Index] = builder.Append(node.Name, node.Operator, inputs);
        }

        return (builder.Build([.. graph.Outputs.Select(output => nodes[output.Index])]), converters);
    }
}
