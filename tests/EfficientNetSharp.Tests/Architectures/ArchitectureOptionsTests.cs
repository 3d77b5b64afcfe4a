using EfficientNetSharp.Architectures;
using EfficientNetSharp.Costs;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Tests.Architectures;

/// <summary>What stands behind a network's name, and the sizes of networks for recognition at 112 pixels.</summary>
public sealed class ArchitectureOptionsTests
{
    // Counted independently, from the layout that FaceX-Zoo and insightface publish; MACs are those of convolutions and linear layers.
    [Theory]
    [InlineData("iresnet18", 24.03, 2.61, 2)]
    [InlineData("iresnet34", 34.14, 4.46, 2)]
    [InlineData("iresnet50", 43.591, 6.309, 3)]
    [InlineData("iresnet100", 65.16, 12.09, 2)]
    [InlineData("iresnet200", 118.8, 23.4, 1)]
    [InlineData("efficientnet_b0:head=flatten,stem=1", 36.12, 0.417, 2)]
    [InlineData("efficientnet_b0:head=gdc,stem=1", 4.73, 0.385, 2)]
    [InlineData("efficientnet_b0:head=flatten", 14.50, 0.117, 2)]
    [InlineData("efficientnet_b0:head=gdc", 4.69, 0.107, 2)]
    [InlineData("efficientnet_b1:head=flatten,stem=1", 38.63, 0.600, 2)]
    [InlineData("efficientnet_b1:head=gdc,stem=1", 7.23, 0.569, 2)]
    [InlineData("efficientnet_b2:head=flatten,stem=1", 43.03, 0.693, 2)]
    [InlineData("efficientnet_b2:head=gdc,stem=1", 8.49, 0.658, 2)]
    [InlineData("efficientnet_b3:head=flatten,stem=1", 49.24, 1.000, 2)]
    [InlineData("efficientnet_b3:head=gdc,stem=1", 11.56, 0.962, 2)]
    [InlineData("efficientnet_b4:head=flatten,stem=1", 62.51, 1.547, 2)]
    [InlineData("efficientnet_b4:head=gdc,stem=1", 18.56, 1.503, 2)]
    [InlineData("efficientnet_lite0:head=flatten,stem=1,activation=relu", 35.49, 0.416, 2)]
    [InlineData("efficientnet_lite0:head=gdc,stem=1,activation=relu", 4.09, 0.385, 2)]
    [InlineData("efficientnet_lite4:head=gdc,stem=1,activation=relu", 12.45, 1.347, 2)]
    public void Networks_for_faces_have_the_published_sizes(string name, double parametersM, double macsG, int digits)
    {
        var costs = GraphCosts.Of(At112(name));
        Assert.Equal(parametersM, Math.Round(costs.Parameters / 1e6, digits));
        Assert.Equal(macsG, Math.Round(costs.Macs / 1e9, macsG < 2 ? 3 : digits));
    }

    [Theory]
    [InlineData("efficientnet_b0", 4.01)]
    [InlineData("efficientnet_b1", 6.51)]
    [InlineData("efficientnet_b2", 7.70)]
    [InlineData("efficientnet_b3", 10.70)]
    [InlineData("efficientnet_b4", 17.55)]
    [InlineData("efficientnet_lite0", 3.37)]
    [InlineData("efficientnet_lite4", 11.73)]
    public void Bodies_have_the_published_sizes(string name, double parametersM) =>
        Assert.Equal(parametersM, Math.Round(
            GraphCosts.Of(ArchitectureFile.Get(name).Build(new BuildOptions { Height = 112, Width = 112, Classes = 0 })).Parameters / 1e6, 2));

    // Batch normalisation, linear layer, batch normalisation, written out.
    [Theory]
    [InlineData("efficientnet_b0", 512)]
    [InlineData("efficientnet_b3", 128)]
    [InlineData("efficientnetv2_b0", 256)]
    [InlineData("mobilenetv3_large_100", 64)]
    [InlineData("resnet50", 512)]
    public void Heads_have_the_sizes_of_their_layers(string name, int features)
    {
        var body = ArchitectureFile.Get(name) with { HiddenFeatures = 0 };
        var map = body.Build(new BuildOptions { Height = 112, Width = 112, Classes = 0 });
        var last = map.Nodes.Last(node => !node.Shape.IsVector && node.Operator is not GlobalAveragePool).Shape;
        long own = GraphCosts.Of(map).Parameters, c = last.Channels, area = last.Height * last.Width, norm = 2 * features;
        Assert.Equal(own + (c * features) + features + norm, Count("pooled"));
        Assert.Equal(own + (2 * c) + (c * area * features) + features + norm, Count("flatten"));
        Assert.Equal(own + (c * area) + (2 * c) + (c * features) + norm, Count("gdc"));
        long rank = Math.Max(2, (long)(Math.Min(c, features) * 0.25));
        Assert.Equal(own + (c * area) + (2 * c) + (c * rank) + (rank * features) + norm, Count("gdc,rank=0.25"));

        long Count(string head) => GraphCosts.Of(At112($"{name}:head={head},features={features}")).Parameters;
    }

    public static TheoryData<string> Names => [.. ArchitectureRegistry.All.Select(architecture => architecture.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Any_body_takes_any_head_function_and_step(string name)
    {
        foreach (string options in new[]
        {
            "head=gdc", "head=pooled,features=64", "head=flatten,rank=0.5", "head=gdc,stem=1,activation=prelu,se=off",
            "stem=1,activation=hardswish", "head=pooled,activation=relu", "activation=silu",
        })
        {
            var architecture = ArchitectureFile.Get($"{name}:{options}");
            Assert.Equal($"{name}:{options}", architecture.Name);
            Assert.Equal(ModelJson.Serialize(architecture), ModelJson.Serialize(ArchitectureFile.Get(architecture.Name)));
            Assert.Equal(ModelJson.Serialize(architecture), ModelJson.Serialize(ModelJson.ParseArchitecture(ModelJson.Serialize(architecture))));
            var graph = architecture.Build(new BuildOptions { Height = 112, Width = 112 });
            if (architecture.Embedding is { } embedding) Assert.Equal(TensorShape.Vector(embedding.Features), graph.Output.Shape);
            if (options.Contains("se=off", StringComparison.Ordinal)) Assert.DoesNotContain(graph.Nodes, node => node.Operator is Gate);
            AssertFunctions(graph, options);
        }
    }

    [Fact]
    public void Squeeze_excites_come_and_go()
    {
        Assert.DoesNotContain(At112("efficientnet_b0:se=off").Nodes, node => node.Operator is Gate);
        Assert.Equal(16, At112("efficientnet_lite0:se=on").Nodes.Count(node => node.Operator is Gate));
        Assert.Equal(16, At112("efficientnet_b0:se=on").Nodes.Count(node => node.Operator is Gate));
        string message = Assert.Throws<InvalidInputException>(() => ArchitectureFile.Get("resnet18:se=on")).Message;
        Assert.Contains("no inverted bottlenecks", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("efficientnet_b0:head=gcd", "gdc, pooled, flatten, classifier")]
    [InlineData("efficientnet_b0:heads=gdc", "no option 'heads'")]
    [InlineData("efficientnet_b0:gdc", "no option 'gdc'")]
    [InlineData("efficientnet_b0:head=", "found nothing")]
    [InlineData("efficientnet_b0:head=gdc,head=gdc", "given twice")]
    [InlineData("efficientnet_b0:features=512", "ends in a classifier")]
    [InlineData("efficientnet_b0:rank=0.5", "ends in a classifier")]
    [InlineData("efficientnet_b0:head=gdc,features=0", "length")]
    [InlineData("efficientnet_b0:head=gdc,features=1e3", "length")]
    [InlineData("efficientnet_b0:head=gdc,rank=1.5", "share")]
    [InlineData("efficientnet_b0:head=gdc,stem=3", "1 or 2")]
    [InlineData("efficientnet_b0:activation=gelu", "silu, relu")]
    [InlineData("efficientnet_b0:se=maybe", "on or off")]
    [InlineData("efficientnet_b99:head=gdc", "no architecture 'efficientnet_b99'")]
    public void What_is_not_understood_is_said(string given, string expected) =>
        Assert.Contains(expected, Assert.Throws<InvalidInputException>(() => ArchitectureFile.Get(given)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("efficientnet_b0", "efficientnet_b0", "")]
    [InlineData("EfficientNet-B0:Head=GDC, Stem=1", "EfficientNet-B0", "head=gdc,stem=1")]
    [InlineData(@"C:\nets\own.json", @"C:\nets\own.json", "")]
    [InlineData(@"C:\nets\own.json:se=off,stem=2", @"C:\nets\own.json", "stem=2,se=off")]
    [InlineData("a:b/own.json:activation=hard_swish", "a:b/own.json", "activation=hardswish")]
    [InlineData("iresnet50:head=classifier", "iresnet50", "head=classifier")]
    public void Names_and_options_are_told_apart(string given, string name, string options)
    {
        var (found, read) = ArchitectureOptions.Split(given);
        Assert.Equal(name, found);
        Assert.Equal(options, read.ToString());
    }

    [Fact]
    public void A_changed_network_out_of_a_file_can_be_changed_again()
    {
        var first = ArchitectureFile.Get("efficientnet_b0:head=gdc,features=128,stem=1");
        var second = ArchitectureOptions.Parse("head=pooled,stem=2").Apply(first);
        Assert.Equal("efficientnet_b0:head=pooled,features=128,stem=2", second.Name);
        Assert.Equal(ModelJson.Serialize(ArchitectureFile.Get(second.Name)), ModelJson.Serialize(second));
    }

    private static Graph At112(string name) => ArchitectureFile.Get(name).Build(new BuildOptions { Height = 112, Width = 112 });

    // What squeeze-excites have inside, and gates, are not the network's function.
    private static void AssertFunctions(Graph graph, string options)
    {
        if (options.IndexOf("activation=", StringComparison.Ordinal) is < 0) return;
        var wanted = ArchitectureOptions.Parse(options).Activation;
        var kinds = graph.Nodes.Where(node => !node.Name.Contains("squeeze_excite", StringComparison.Ordinal)
                && !node.Name.EndsWith(".gate", StringComparison.Ordinal))
            .Select(node => node.Operator switch { Activation own => own.Kind, PRelu => ActivationKind.PRelu, _ => (ActivationKind?)null })
            .OfType<ActivationKind>().Distinct();
        Assert.Equal([wanted!.Value], kinds);
    }
}
