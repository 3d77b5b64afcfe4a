using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Transforms;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Tests.Architectures;

/// <summary>Holds for every architecture that is ever registered.</summary>
public sealed class RegistryTests
{
    public static TheoryData<string> Names => [.. ArchitectureRegistry.All.Select(architecture => architecture.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Builds_at_any_size_with_unique_names_and_any_head(string name)
    {
        var architecture = ArchitectureRegistry.Get(name);
        var graph = architecture.Build(new BuildOptions { Height = 97, Width = 64, InputChannels = 1, Classes = 11 });
        Assert.Equal(TensorShape.Vector(architecture.Embedding?.Features ?? 11), graph.Output.Shape);
        Assert.Equal(graph.Nodes.Length, graph.Nodes.Select(node => node.Name).Distinct().Count());
        Assert.Equal(graph.Parameters.Count(), graph.Parameters.Select(parameter => parameter.Name).Distinct().Count());
        Assert.All(graph.Nodes, node => Assert.All(node.Inputs, input => Assert.True(input < node.Index)));
        // Each stride of two rounds up, in both padding styles: 97 → 49 → 25 → 13 → 7 → 4, and 64 → 2; networks for 112 pixels step four
        // times. A first convolution without padding rounds down: 97 → 48 → 24 → 12 → 6 → 3, and 64 → 31 → 16 → 8 → 4 → 2; SqueezeNet's
        // poolings round down and up from there: 46 → 23 → 11 → 5 (1.0, a window of 7), or 48 → 24 → 12 → 6.
        var last = graph.Nodes.Last(node => !node.Shape.IsVector && node.Shape.Height > 1);
        var expected = architecture.Name switch
        {
            "squeezenet1_0" => (5, 3),
            "squeezenet1_1" => (6, 3),
            _ when architecture.Stem.Padding == PaddingStyle.None => (3, 2),
            _ => architecture.Resolution == 112 ? (7, 4) : (4, 2),
        };
        Assert.Equal(expected, (last.Shape.Height, last.Shape.Width));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Yields_its_pooled_features_and_its_pyramid(string name)
    {
        var architecture = ArchitectureRegistry.Get(name);
        var pooled = architecture.Build(new BuildOptions { Height = 64, Width = 64, Classes = 0 });
        if (architecture is { Embedding: null, HiddenFeatures: 0 })
            Assert.Equal(TensorShape.Vector(architecture.HeadChannels > 0 ? architecture.HeadChannels : architecture.Stages[^1].Channels),
                pooled.Output.Shape);

        var maps = architecture.Build(new BuildOptions { Height = 96, Width = 64 }).Features([4, 8, 16]);
        // SqueezeNet's first window, of 7 or 3 pixels without padding, takes some rows and columns away.
        (int, int)[] sizes = architecture.Name switch
        {
            "squeezenet1_0" => [(22, 14), (11, 7), (5, 3)],
            "squeezenet1_1" => [(23, 15), (11, 7), (5, 3)],
            _ => [(24, 16), (12, 8), (6, 4)],
        };
        Assert.Equal(sizes, maps.Outputs.Select(node => (node.Shape.Height, node.Shape.Width)));
        // Nothing behind the last map is built, and what is built is a part of the whole network.
        var whole = pooled.Parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Count);
        Assert.All(maps.Parameters, parameter => Assert.Equal(whole[parameter.Name], parameter.Count));
        Assert.DoesNotContain(maps.Nodes, node => node.Index > maps.Outputs[^1].Index);
        Assert.Contains("strides", Assert.Throws<InvalidInputException>(() => architecture.Build().Features([3])).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void The_pyramid_of_B0_is_that_of_timm()
    {
        // features_only of timm and reduction_1 … reduction_5 of the TPU code.
        var maps = ArchitectureRegistry.Get("efficientnet_b0").Build().Features([2, 4, 8, 16, 32]);
        Assert.Equal(["16×112×112", "24×56×56", "40×28×28", "112×14×14", "320×7×7"], maps.Outputs.Select(node => node.Shape.ToString()));
        // ResNet's: before the pooling, then each stage.
        maps = ArchitectureRegistry.Get("resnet50").Build().Features([2, 4, 8, 16, 32]);
        Assert.Equal(["64×112×112", "256×56×56", "512×28×28", "1024×14×14", "2048×7×7"],
            maps.Outputs.Select(node => node.Shape.ToString()));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Scales_and_still_builds(string name)
    {
        var architecture = ArchitectureRegistry.Get(name);
        var scaled = architecture.Scale(1.3, 1.2, 160);
        Assert.True(scaled.Build().Parameters.Sum(parameter => parameter.Count) > architecture.Build().Parameters.Sum(
            parameter => parameter.Count));
        Assert.Equal(ModelJson.Serialize(architecture), ModelJson.Serialize(architecture.Scale(1, 1, architecture.Resolution)));
    }

    [Fact]
    public void Other_names_in_use_lead_to_the_same_networks()
    {
        Assert.Equal("iresnet50", ArchitectureRegistry.Get("r50").Name);
        Assert.All(ArchitectureRegistry.Aliases,
            alias => Assert.Null(ArchitectureRegistry.All.FirstOrDefault(architecture => architecture.Name == alias.Key)));
        Assert.All(ArchitectureRegistry.Aliases, alias => Assert.Equal(alias.Value, ArchitectureRegistry.Get(alias.Key).Name));
        Assert.Equal(ArchitectureRegistry.All.Length,
            ArchitectureRegistry.All.Select(architecture => architecture.Name).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Survives_its_JSON(string name)
    {
        string json = ModelJson.Serialize(ArchitectureRegistry.Get(name));
        Assert.Equal(json, ModelJson.Serialize(ModelJson.ParseArchitecture(json)));
    }

    [Fact]
    public void Stages_are_those_of_the_published_networks()
    {
        // Stem, then channels and repeats by stage, as the TPU code makes them. B3's first stage shows the 90 % rule: 19.2 → 24.
        Check("b0", 32, [16, 24, 40, 80, 112, 192, 320], [1, 2, 2, 3, 3, 4, 1]);
        Check("b3", 40, [24, 32, 48, 96, 136, 232, 384], [2, 3, 3, 5, 5, 6, 2]);
        Check("b7", 64, [32, 48, 80, 160, 224, 384, 640], [4, 7, 7, 10, 10, 13, 4]);
        Check("l2", 136, [72, 104, 176, 344, 480, 824, 1376], [6, 11, 11, 16, 16, 22, 6]);

        static void Check(string variant, int stem, int[] channels, int[] repeats)
        {
            var architecture = ArchitectureRegistry.Get($"efficientnet_{variant}");
            Assert.Equal(stem, architecture.Stem.Channels);
            Assert.Equal(channels, architecture.Stages.Select(stage => stage.Channels));
            Assert.Equal(repeats, architecture.Stages.Select(stage => stage.Repeats));
        }
    }

    [Fact]
    public void The_two_families_differ_in_padding_and_normalisation()
    {
        var (symmetric, same) = (ArchitectureRegistry.Get("efficientnet_b0"), ArchitectureRegistry.Get("TF-EfficientNet-B0"));
        Assert.Equal((PaddingStyle.Symmetric, 1e-5, 0.1),
            (symmetric.Padding, symmetric.Normalization.Epsilon, symmetric.Normalization.Momentum));
        Assert.Equal((PaddingStyle.Same, 1e-3, 0.01), (same.Padding, same.Normalization.Epsilon, same.Normalization.Momentum));
    }

    [Fact]
    public void Stride_two_convolutions_of_B0_pad_as_TensorFlow_does()
    {
        // At 224 all five are asymmetric, the odd zero at the right and bottom.
        var graph = ArchitectureRegistry.Get("tf_efficientnet_b0").Build();
        var pads = graph.Nodes.Where(node => node.Operator is Convolution { Stride: 2 })
            .Select(node => ((Convolution)node.Operator).PadsFor(graph.Nodes[node.Inputs[0]].Shape));
        Assert.Equal([new Pads(0, 0, 1, 1), new Pads(0, 0, 1, 1), new Pads(1, 1, 2, 2), new Pads(0, 0, 1, 1), new Pads(1, 1, 2, 2)], pads);
    }

    [Fact]
    public void Stochastic_depth_grows_linearly_from_0_and_only_on_branches_with_a_skip()
    {
        var graph = ArchitectureRegistry.Get("efficientnet_b0").Build();
        var rates = graph.Nodes.Where(node => node.Operator is StochasticDepth).Select(node => ((StochasticDepth)node.Operator).Rate)
            .ToList();
        // Blocks 2, 4, 6, 7, 9, 10, 12, 13, 14 of 16 have a skip.
        Assert.Equal(new[] { 2, 4, 6, 7, 9, 10, 12, 13, 14 }.Select(block => 0.2 * block / 16), rates);
        Assert.DoesNotContain(InferenceTransform.Apply(graph, WeightInitializer.Initialize(graph, 1)).Graph.Nodes,
            node => node.Operator.IsTrainingOnly || node.Operator is BatchNormalization);
    }

    [Fact]
    public void Unknown_names_get_the_nearest_known_ones() =>
        Assert.Contains("efficientnet_b1", Assert.Throws<InvalidInputException>(() => ArchitectureRegistry.Get("eficientnet_b1")).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Tables_out_of_range_are_refused_by_name()
    {
        var b0 = ArchitectureRegistry.Get("efficientnet_b0");
        Assert.Contains("stages", Refused(b0 with { Stages = [] }), StringComparison.Ordinal);
        Assert.Contains("blocks", Refused(b0 with { Stages = [b0.Stages[0] with { Repeats = 1_000_000_000 }] }), StringComparison.Ordinal);
        Assert.Contains("epsilon", Refused(b0 with { Normalization = new Normalization(double.NaN, 0.1) }), StringComparison.Ordinal);
        Assert.Contains("height", Assert.Throws<InvalidInputException>(() => b0.Build(new BuildOptions { Height = -3 })).Message,
            StringComparison.Ordinal);

        static string Refused(Architecture architecture) => Assert.Throws<InvalidInputException>(() => architecture.Build()).Message;
    }
}
