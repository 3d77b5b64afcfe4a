using System.Collections.Immutable;
using EfficientNetSharp.Graphs.Quantization;

namespace EfficientNetSharp.Graphs;

/// <summary>One step of a network: an operator, where its inputs come from, and what it yields.</summary>
/// <param name="Index">Position in <see cref="Graph.Nodes"/>; inputs always have smaller ones.</param>
/// <param name="Name">Unique name, for example <c>stages.2.0.depthwise.conv</c>.</param>
/// <param name="Operator">What it computes.</param>
/// <param name="Inputs">Indices of the nodes whose values it takes.</param>
/// <param name="Shape">Shape of its value, without the batch.</param>
/// <param name="Parameters">The tensors it needs, with their canonical names.</param>
/// <param name="Place">Which part of the network it belongs to.</param>
public sealed record Node(
    int Index, string Name, Operator Operator, ImmutableArray<int> Inputs, TensorShape Shape, ImmutableArray<Parameter> Parameters,
    NodePlace Place = default)
{
    /// <summary>Which part of the network it belongs to.</summary>
    public NodeRole Role => Place.Role;
}

/// <summary>
/// A network as data: nodes in an order in which each comes after its inputs. Counting, training, exporting and running are
/// all walks over <see cref="Nodes"/>. Make one with <see cref="GraphBuilder"/>.
/// </summary>
public sealed class Graph
{
    internal Graph(ImmutableArray<Node> nodes, ImmutableArray<int> outputs, QuantizationPlan? quantization = null)
    {
        Nodes = nodes;
        Input = nodes[0];
        Outputs = [.. outputs.Select(index => nodes[index])];
        Quantization = quantization;
    }

    /// <summary>The nodes, each after its inputs; the first is the input.</summary>
    public ImmutableArray<Node> Nodes { get; }

    /// <summary>The image.</summary>
    public Node Input { get; }

    /// <summary>The nodes whose values are the network's results; one but for feature maps.</summary>
    public ImmutableArray<Node> Outputs { get; }

    /// <summary>The node whose value is the network's result, the first where there are several.</summary>
    public Node Output => Outputs[0];

    /// <summary>Which values and kernels are integers; <see langword="null"/> where all are float32.</summary>
    public QuantizationPlan? Quantization { get; }

    /// <summary>All tensors that the network needs, in order of use.</summary>
    public IEnumerable<Parameter> Parameters => Nodes.SelectMany(node => node.Parameters);

    /// <summary>The node of the given name.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    public Node this[string name] =>
        Nodes.FirstOrDefault(node => node.Name == name) ?? throw new KeyNotFoundException($"The graph has no node '{name}'.");

    /// <summary>The same network with other results; what comes after the last of them is left out.</summary>
    /// <param name="outputs">Nodes of this graph, in the order in which they are delivered.</param>
    /// <exception cref="ArgumentException">There is none, one is named twice, or one is another graph's.</exception>
    public Graph WithOutputs(params ImmutableArray<Node> outputs) => Of(Nodes, outputs).WithQuantization(Quantization);

    /// <summary>The same network with other values and kernels as integers.</summary>
    /// <param name="plan">The plan; entries of nodes that the graph has not are left out. <see langword="null"/> for none.</param>
    /// <exception cref="InvalidInputException">The plan does not fit; the message names the entry.</exception>
    public Graph WithQuantization(QuantizationPlan? plan)
    {
        var own = plan?.For(this);
        own?.Check(this);
        return new Graph(Nodes, [.. Outputs.Select(output => output.Index)], own);
    }

    /// <summary>Refuses a network of integers where only float32 is understood.</summary>
    /// <param name="who">Who understands float32 alone, the message's first words.</param>
    /// <exception cref="InvalidInputException">Some of its values or kernels are integers.</exception>
    public void EnsureFloat(string who)
    {
        if (Quantization is not null)
            throw new InvalidInputException(
                $"{who} takes networks of float32, and this one is quantized ({Quantization.Describe()}); use the model that it was made from.");
    }

    internal static Graph Of(IReadOnlyList<Node> nodes, ImmutableArray<Node> outputs)
    {
        if (outputs.IsDefaultOrEmpty) throw new ArgumentException("A graph has at least one output.", nameof(outputs));
        for (int i = 0; i < outputs.Length; i++)
        {
            var output = outputs[i];
            if (output.Index >= nodes.Count || !ReferenceEquals(nodes[output.Index], output))
                throw new ArgumentException($"'{output.Name}' is not a node of this graph.", nameof(outputs));
            if (outputs.IndexOf(output) != i) throw new ArgumentException($"'{output.Name}' is named twice as an output.", nameof(outputs));
        }

        return new Graph([.. nodes.Take(outputs.Max(node => node.Index) + 1)], [.. outputs.Select(node => node.Index)]);
    }

    /// <summary>For each node, how many others take its value.</summary>
    public ImmutableArray<int> CountUses()
    {
        var uses = new int[Nodes.Length];
        foreach (var node in Nodes)
        {
            foreach (int input in node.Inputs) uses[input]++;
        }

        foreach (var output in Outputs) uses[output.Index]++;
        return [.. uses];
    }

    /// <summary>For each node, until when its value is needed.</summary>
    /// <param name="takenAt">
    /// The index of the node whose computing takes a node's inputs, given the node and the last use of its own value, for whoever
    /// computes several nodes at once; <see langword="null"/> where each node takes its inputs itself.
    /// </param>
    /// <returns>
    /// The index of the last node that takes the value; the node's own where none does, <see cref="int.MaxValue"/> for the network's
    /// results.
    /// </returns>
    public ImmutableArray<int> LastUses(Func<Node, int, int>? takenAt = null)
    {
        int[] last = [.. Nodes.Select(node => node.Index)];
        foreach (var output in Outputs) last[output.Index] = int.MaxValue;

        // Backwards, so that a node's own last use is known before its inputs'.
        for (int i = Nodes.Length - 1; i >= 0; i--)
        {
            int at = takenAt?.Invoke(Nodes[i], last[i]) ?? i;
            foreach (int input in Nodes[i].Inputs) last[input] = Math.Max(last[input], at);
        }

        return [.. last];
    }
}
