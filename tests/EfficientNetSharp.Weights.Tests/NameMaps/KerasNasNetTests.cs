using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Transforms;
using EfficientNetSharp.Models;
using EfficientNetSharp.Testing;
using EfficientNetSharp.Weights.Importing;
using EfficientNetSharp.Weights.NameMaps;

namespace EfficientNetSharp.Weights.Tests.NameMaps;

/// <summary>NASNet as keras.applications runs it: what a pooling's padding adds counts, in maxima too.</summary>
public sealed class KerasNasNetTests
{
    // keras.applications counts with the running statistics: 5,326,716 and 88,949,818.
    [Theory]
    [InlineData("nasnetamobile", 5_326_716)]
    [InlineData("nasnetalarge", 88_949_818)]
    public void Its_values_are_as_many_as_Keras_counts(string name, long expected)
    {
        var architecture = NameMapRegistry.Get("keras").Adapt(ArchitectureRegistry.Get(name));
        Assert.Equal(expected, architecture.Build().Parameters.Sum(parameter => parameter.Count));
    }

    // A maximum of negative values beside zeros that a layer before it added is zero, at sizes of either parity.
    [Theory]
    [InlineData(8)]
    [InlineData(9)]
    public void Zeros_beside_the_map_count_in_maxima_at_every_size(int size)
    {
        var builder = new GraphBuilder(TensorShape.Map(1, 12, 12));
        builder.Append("pad", new ZeroPad(default(Pads)) { Window = new PadWindow(3, 2) });
        builder.Append("pool", new MaxPool(3, 2, PaddingStyle.None));
        var graph = builder.Build().AtSize(size, size);
        double[] result = new ReferenceRunner(graph, new WeightSet([])).Evaluate([.. Enumerable.Repeat(-1f, size * size)]);
        int side = (size + 1) / 2;
        Assert.Equal(side * side, result.Length);
        for (int row = 0; row < side; row++)
        for (int column = 0; column < side; column++)
        {
            // SAME: an even map has its zeros behind it alone, an odd one on all sides.
            bool seesZero = row == side - 1 || column == side - 1 || (size % 2 == 1 && (row == 0 || column == 0));
            Assert.Equal(seesZero ? 0 : -1, result[(row * side) + column]);
        }
    }

    [Fact]
    public void Weights_are_not_exported_for_a_source_that_counts_otherwise()
    {
        var architecture = NameMapRegistry.Get("keras").Adapt(ArchitectureRegistry.Get("nasnetamobile").Scale(0.25, 0.25, 64));
        var graph = architecture.Build(new BuildOptions { Classes = 2 });
        var model = Model.Of(architecture, new ModelCard { Classes = ["a", "b"], Preprocessing = Preprocessing.ForSize(64) },
            WeightInitializer.Initialize(graph, seed: 1));
        string message = Assert.Throws<InvalidInputException>(() => WeightExporter.Export(model, NameMapRegistry.Get("timm"))).Message;
        Assert.Contains("counts in means and maxima", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_saved_graph_keeps_the_rule_and_not_the_numbers_of_one_size()
    {
        var architecture = NameMapRegistry.Get("keras").Adapt(ArchitectureRegistry.Get("nasnetamobile"));
        var graph = architecture.Build(new BuildOptions { Classes = 2 });
        var read = GraphJson.Parse(GraphJson.Serialize(graph));
        Assert.Equal(graph.Nodes.Select(node => node.Operator), read.Nodes.Select(node => node.Operator));
        Assert.Contains(read.Nodes, node => node.Operator is ZeroPad { Window: { Kernel: 3, Stride: 2 } });
    }
}
