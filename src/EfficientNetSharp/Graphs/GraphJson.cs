using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Graphs;

/// <summary>
/// A graph as JSON on one line: <c>{"nodes":[…],"outputs":[…]}</c>. A node has its name, its operator <c>op</c> with the operator's own
/// members, the positions of its <c>inputs</c>, the part of the network that it belongs to and the names of its parameters. Equal
/// graphs give equal texts.
/// </summary>
/// <remarks>
/// Windows have both the rule of their padding and the <c>pads</c> (top, left, bottom, right) that follow from it at the graph's size,
/// so that other programs need not know the rules. Reading is strict: an unknown operator or member, or pads that do not follow from
/// the rule, are refused by name, since whoever wrote them meant something by them.
/// </remarks>
public static class GraphJson
{
    // L2, the largest published network, has some 1,700 nodes.
    private const int MaxNodes = 1_000_000;

    /// <summary>Writes a graph.</summary>
    /// <param name="graph">The graph.</param>
    public static string Serialize(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var buffer = new ArrayBufferWriter<byte>();
        // The text goes into files, not web pages: names in any script stay readable.
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteStartArray("nodes");
            foreach (var node in graph.Nodes) WriteNode(json, graph, node);
            json.WriteEndArray();
            json.WriteStartArray("outputs");
            foreach (var output in graph.Outputs) json.WriteNumberValue(output.Index);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Reads a graph and checks that it is a network.</summary>
    /// <param name="json">The text.</param>
    /// <exception cref="InvalidInputException">
    /// It is not JSON, has an operator or member that this version does not know, or its nodes do not fit each other; the message names
    /// the node.
    /// </exception>
    public static Graph Parse(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return Read(new JsonMembers(document.RootElement, "the graph"));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException or OverflowException)
        {
            // Halves of surrogate pairs are found only when texts are taken out, and not as JsonException.
            throw new InvalidInputException(
                $"The graph is not readable: {JsonErrors.Describe(e)}; save or export the model again.", e);
        }
    }

    private static void WriteNode(Utf8JsonWriter json, Graph graph, Node node)
    {
        json.WriteStartObject();
        json.WriteString("name", node.Name);
        node.Operator.Accept(OperatorWriter.Instance, (json, node, node.Inputs.IsEmpty ? default : graph.Nodes[node.Inputs[0]].Shape));
        if (!node.Inputs.IsEmpty)
        {
            json.WriteStartArray("inputs");
            foreach (int input in node.Inputs) json.WriteNumberValue(input);
            json.WriteEndArray();
        }

        if (node.Role != NodeRole.None) json.WriteString("role", GraphWords.Of(node.Role));
        if (node.Role == NodeRole.Stage)
        {
            json.WriteNumber("stage", node.Place.Stage);
            json.WriteNumber("block", node.Place.Block);
        }

        if (!node.Parameters.IsEmpty)
        {
            json.WriteStartArray("parameters");
            foreach (var parameter in node.Parameters) json.WriteStringValue(parameter.Name);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static Graph Read(JsonMembers graph)
    {
        var elements = graph.Array("nodes", MaxNodes);
        var outputs = graph.Positions("outputs", MaxNodes);
        graph.EnsureAllRead();
        if (elements.Length == 0) throw new JsonException("it has no nodes");
        GraphBuilder? builder = null;
        var nodes = new List<Node>(elements.Length);
        foreach (var element in elements)
        {
            var members = new JsonMembers(element, $"node {nodes.Count}");
            string name = members.Text("name");
            members.Name = $"the node {OneLine.Quote(name)}";
            try
            {
                nodes.Add(ReadNode(members, name, nodes, ref builder));
            }
            catch (Exception e) when (e is ArgumentException or OverflowException)
            {
                throw new JsonException($"{members.Name}: {e.Message}", e);
            }
        }

        if (outputs.Length == 0 || outputs.Any(output => output >= nodes.Count))
            throw new JsonException(
                $"its outputs [{string.Join(", ", outputs.Take(8))}] are expected to be positions of its {nodes.Count} nodes");
        return builder!.Build([.. outputs.Select(output => nodes[output])]);
    }

    private static Node ReadNode(JsonMembers members, string name, List<Node> nodes, ref GraphBuilder? builder)
    {
        int[] inputs = members.Has("inputs") ? members.Positions("inputs", MaxNodes) : [];
        if (inputs.Any(input => input >= nodes.Count))
            throw new JsonException($"{members.Name} takes [{string.Join(", ", inputs.Take(8))}], expected positions of nodes before it");
        var (op, pads) = OperatorReader.Read(members, inputs.Length);
        var place = ReadPlace(members);
        string[]? parameters = members.Has("parameters") ? [.. members.Array("parameters", MaxNodes).Select(JsonMembers.TextOf)] : null;
        members.EnsureAllRead();
        if (builder is null != op is Input) throw new JsonException(
            $"{members.Name} is {op.GetType().Name}; the input is expected to come first, and once");
        if (op is Input image) builder = new GraphBuilder(TensorShape.Map(image.Channels, image.Height, image.Width), name);
        builder!.Place = place;
        var node = op is Input ? builder.Last : builder.Append(name, op, [.. inputs.Select(input => nodes[input])]);
        EnsureSame(members.Name, "pads", pads is null ? null : [.. pads.Value.Select(pad => pad.ToString(CultureInfo.InvariantCulture))],
            () => PadsOf(node, nodes));
        EnsureSame(members.Name, "parameters", parameters, () => [.. node.Parameters.Select(parameter => parameter.Name)]);
        return node;
    }

    private static NodePlace ReadPlace(JsonMembers members)
    {
        if (!members.Has("role")) return default;
        var role = GraphWords.ParseRole(members.Text("role"), members.Name);
        return role == NodeRole.Stage ? new NodePlace(role, members.Count("stage"), members.Count("block")) : new NodePlace(role);
    }

    private static string[] PadsOf(Node node, List<Node> nodes)
    {
        var pads = OperatorReader.PadsOf(node.Operator, nodes[node.Inputs[0]].Shape);
        return [.. new[] { pads.Top, pads.Left, pads.Bottom, pads.Right }.Select(pad => pad.ToString(CultureInfo.InvariantCulture))];
    }

    private static void EnsureSame(string node, string what, string[]? found, Func<string[]> expected)
    {
        if (found is null || found.SequenceEqual(expected(), StringComparer.Ordinal)) return;
        throw new JsonException(
            $"{node} has the {what} [{OneLine.Clean(string.Join(", ", found), 200)}], but [{string.Join(", ", expected())}] follow from the rest of it");
    }
}
