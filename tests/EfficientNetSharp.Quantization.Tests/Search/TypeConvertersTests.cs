using EfficientNetSharp.Costs.Devices;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference;
using EfficientNetSharp.Quantization.Search;
using EfficientNetSharp.Testing;
using EfficientNetSharp.Testing.Networks;

namespace EfficientNetSharp.Quantization.Tests.Search;

public sealed class TypeConvertersTests
{
    /// <summary>Two branches of other types that meet: counted by hand.</summary>
    [Fact]
    public void A_value_is_converted_once_for_all_that_take_it()
    {
        var builder = new GraphBuilder(TensorShape.Map(3, 8, 8));
        var a = builder.Append("a", new Convolution(3, 4, 3, 1, 1, PaddingStyle.Symmetric, HasBias: true));
        var b = builder.Append("b", new Convolution(4, 4, 3, 1, 1, PaddingStyle.Symmetric, HasBias: true), a);
        var c = builder.Append("c", new Convolution(4, 4, 3, 1, 1, PaddingStyle.Symmetric, HasBias: true), a);
        var d = builder.Append("d", new Convolution(4, 4, 3, 1, 1, PaddingStyle.Symmetric, HasBias: true), a);
        var sum = builder.Append("sum", new Add(), b, d);
        builder.Append("last", new Add(), sum, c);
        string[] wide = ["b", "c"];
        var (graph, converters) = TypeConverters.Insert(builder.Build(), node => wide.Contains(node.Name) ? "int16" : "int8");
        // a for b and c together; b and c each for their sums.
        Assert.Equal(["a.to_int16", "b.to_int8", "c.to_int8"], converters.Keys.Order());
        Assert.Equal("a.to_int16", graph.Nodes[graph["c"].Inputs[0]].Name);
        Assert.Equal("a", graph.Nodes[graph["d"].Inputs[0]].Name);
        Assert.Equal(["b.to_int8", "d"], graph["sum"].Inputs.Select(input => graph.Nodes[input].Name));
    }

    [Fact]
    public void Converters_change_nothing_in_floats_and_are_those_that_the_device_counts()
    {
        var profile = DeviceProfiles.Get("rv1126");
        for (int seed = 0; seed < 300; seed++)
        {
            var network = RandomNetwork.Build(seed);
            if (network.Nodes.Any(node => node.Operator is ConditionalConvolution or Activation { Kind: ActivationKind.Identity })) continue;
            var random = new Random(seed);
            var types = PlanLayer.Of(network).SelectMany(layer =>
            {
                string type = random.Next(2) == 0 ? "int8" : "int16";
                return layer.Nodes.Select(node => (node.Name, type));
            }).ToDictionary(pair => pair.Name, pair => pair.type, StringComparer.Ordinal);
            var (graph, converters) = TypeConverters.Insert(network, node => types[node.Name]);
            var scheduled = profile.Schedule(network, node => types[node.Name]).Where(step => step.Kind == DeviceOperationKind.Converter).ToList();
            Assert.True(scheduled.Count == converters.Count, $"seed {seed}: {scheduled.Count} and {converters.Count}");
            var explicitly = profile.Schedule(graph, node => converters.TryGetValue(node.Name, out var converter) ? converter.Type : types[node.Name]);
            Assert.Equal(scheduled.Count, explicitly.Count(step => step.Kind == DeviceOperationKind.Converter));

            var weights = SyntheticWeights.For(network, (ulong)seed);
            float[] image = SyntheticInput.Batch(network.Input.Shape, 1, 1);
            Assert.Equal(Run(network), Run(graph));

            float[] Run(Graph of)
            {
                using var runner = new ReferenceRunner(of.WithOutputs(of[network.Output.Name]), weights);
                float[] output = new float[network.Output.Shape.Count];
                ((IModelRunner)runner).Run(image, 1, output);
                return output;
            }
        }
    }
}
