using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Tests.Graphs;

public sealed class LastUsesTests
{
    [Fact]
    public void A_value_is_needed_until_the_last_node_that_takes_it_and_a_result_for_ever()
    {
        var (graph, trunk, body, sum, unused) = Build();
        var uses = graph.LastUses();
        Assert.Equal(graph.Nodes.Length, uses.Length);
        Assert.Equal(trunk.Index, uses[0]);
        Assert.Equal(sum.Index, uses[trunk.Index]);
        Assert.Equal(sum.Index, uses[body.Index]);
        Assert.Equal(unused.Index, uses[unused.Index]);
        Assert.Equal(int.MaxValue, uses[sum.Index]);
        Assert.Equal(int.MaxValue, uses[graph.Output.Index]);
    }

    [Fact]
    public void Nodes_that_are_computed_later_hold_their_inputs_as_long()
    {
        // The body is computed together with the sum, and the unused node hands its input on to nobody.
        var (graph, trunk, body, sum, unused) = Build();
        var uses = graph.LastUses((node, lastUse) => node == body || node == unused ? lastUse : node.Index);
        Assert.Equal(sum.Index, uses[trunk.Index]);
        Assert.Equal(sum.Index, uses[body.Index]);
        uses = graph.LastUses((node, lastUse) => node == body ? graph.Output.Index : node.Index);
        Assert.Equal(graph.Output.Index, uses[trunk.Index]);
    }

    // The sum is a result that goes on into the last node, which is the first result.
    private static (Graph Graph, Node Trunk, Node Body, Node Sum, Node Unused) Build()
    {
        var builder = new GraphBuilder(TensorShape.Map(4, 3, 3));
        var trunk = builder.Append("trunk", new Activation(ActivationKind.Relu));
        var body = builder.Append("body", new Activation(ActivationKind.Silu));
        var sum = builder.Append("sum", new Add(), trunk, body);
        var unused = builder.Append("unused", new Activation(ActivationKind.Relu), trunk);
        var last = builder.Append("last", new Activation(ActivationKind.Sigmoid), sum);
        return (builder.Build([last, sum]), trunk, body, sum, unused);
    }
}
