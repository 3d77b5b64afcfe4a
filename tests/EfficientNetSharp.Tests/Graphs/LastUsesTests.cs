using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Tests.Graphs;

public sealed class LastUsesTests
{
    [Fact]
    public void A_value_is_needed_until_the_last_node_that_takes_it_and_a_result_for_ever()
    {
        var (graph, trunk, unused, body, sum) = Build();
        var uses = graph.LastUses();
        Assert.Equal(graph.Nodes.Length, uses.Length);
        Assert.Equal(sum.Index, uses[graph.Input.Index]);
        Assert.Equal(body.Index, uses[trunk.Index]);
        Assert.Equal(unused.Index, uses[unused.Index]);
        Assert.Equal(sum.Index, uses[body.Index]);
        Assert.Equal(int.MaxValue, uses[sum.Index]);
        Assert.Equal(int.MaxValue, uses[graph.Output.Index]);
    }

    [Fact]
    public void A_node_that_hands_its_input_on_or_is_computed_with_a_later_one_holds_it_as_long()
    {
        var (graph, trunk, _, body, sum) = Build();
        var handedOn = graph.LastUses((node, lastUse) => node == body ? lastUse : node.Index);
        Assert.Equal(sum.Index, handedOn[trunk.Index]);
        var together = graph.LastUses((node, _) => node == body ? graph.Output.Index : node.Index);
        Assert.Equal(graph.Output.Index, together[trunk.Index]);
        Assert.Equal(sum.Index, together[body.Index]);
    }

    // The sum is a result that goes on into the last node, which is the first result.
    private static (Graph Graph, Node Trunk, Node Unused, Node Body, Node Sum) Build()
    {
        var builder = new GraphBuilder(TensorShape.Map(4, 3, 3));
        var image = builder.Last;
        var trunk = builder.Append("trunk", new Activation(ActivationKind.Relu));
        var unused = builder.Append("unused", new Activation(ActivationKind.Relu), trunk);
        var body = builder.Append("body", new Activation(ActivationKind.Silu), trunk);
        var sum = builder.Append("sum", new Add(), image, body);
        var last = builder.Append("last", new Activation(ActivationKind.Sigmoid), sum);
        return (builder.Build([last, sum]), trunk, unused, body, sum);
    }
}
