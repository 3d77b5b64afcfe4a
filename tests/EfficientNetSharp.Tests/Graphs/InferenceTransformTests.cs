using System.Collections.Immutable;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Graphs.Transforms;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Tests.Graphs;

public sealed class InferenceTransformTests
{
    // What a plan says of the input is found by its name.
    [Fact]
    public void The_input_keeps_its_name_and_its_integers()
    {
        var builder = new GraphBuilder(TensorShape.Map(1, 2, 2), "image");
        builder.Append("function", new Activation(ActivationKind.Relu));
        var plan = new QuantizationPlan
        {
            Arithmetic = IntegerArithmetic.Onnx,
            Values = new[] { "image", "function" }.ToImmutableSortedDictionary(
                name => name, _ => new ValueQuantization(ElementType.U8, 0.1f), StringComparer.Ordinal),
        };
        var (graph, _) = InferenceTransform.Apply(builder.Build().WithQuantization(plan), new WeightSet([]));
        Assert.Equal("image", graph.Input.Name);
        Assert.Equal(2, graph.Quantization!.Values.Count);
    }

    [Fact]
    public void Results_that_become_the_same_value_stay_apart()
    {
        var builder = new GraphBuilder(TensorShape.Map(1, 2, 2));
        var function = builder.Append("function", new Activation(ActivationKind.Relu));
        var dropped = builder.Append("dropped", new Dropout(0.5));
        var again = builder.Append("again", new Dropout(0.5));
        var (graph, _) = InferenceTransform.Apply(builder.Build([again, function, dropped, builder.Build()["input"]]), new WeightSet([]));
        Assert.Equal(["again", "function", "dropped", "input"], graph.Outputs.Select(output => output.Name));
        Assert.Equal(4, graph.Nodes.Length);
    }

    [Fact]
    public void What_acts_only_in_training_leaves_no_node_where_it_is_the_only_result()
    {
        var builder = new GraphBuilder(TensorShape.Map(1, 2, 2));
        builder.Append("function", new Activation(ActivationKind.Relu));
        builder.Append("dropped", new Dropout(0.5));
        var (graph, _) = InferenceTransform.Apply(builder.Build(), new WeightSet([]));
        Assert.Equal("function", graph.Output.Name);
        Assert.Equal(2, graph.Nodes.Length);
    }
}
