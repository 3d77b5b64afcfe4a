using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Transforms;
using EfficientNetSharp.Onnx.Recognition;
using EfficientNetSharp.Testing;

namespace EfficientNetSharp.Onnx.Tests.Importing;

/// <summary>Registered networks are told by their structure alone, and what tables cannot say is no registered network.</summary>
public sealed class RecognitionTests
{
    public static TheoryData<string> Names => [.. ArchitectureRegistry.All.Select(architecture => architecture.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_registered_network_is_recognised_without_its_names(string name)
    {
        var architecture = ArchitectureRegistry.Get(name);
        var found = ArchitectureRecognizer.Recognize(
            Renamed(architecture.Build(new BuildOptions { Height = 64, Width = 64, Classes = 5 })));
        Assert.NotNull(found);
        // Networks of one structure, semantics and functions are one network, whatever they are called.
        Assert.Equal(
            GraphJson.Serialize(Renamed(
            architecture.Build(new BuildOptions { Height = 64, Width = 64, Classes = 5, Dropout = 0, StochasticDepth = 0 }))),
            GraphJson.Serialize(Renamed(
            found.Architecture.Build(new BuildOptions { Height = 64, Width = 64, Classes = 5, Dropout = 0, StochasticDepth = 0 }))));
    }

    [Theory]
    [InlineData("efficientnet_b0", "tf_efficientnet_b0")]
    [InlineData("tf_efficientnetv2_b0", "efficientnetv2_b0")]
    public void Padding_and_epsilon_are_the_files(string name, string twin)
    {
        var architecture = ArchitectureRegistry.Get(name);
        var mixed = architecture with { Normalization = ArchitectureRegistry.Get(twin).Normalization };
        var graph = mixed.Build(new BuildOptions { Height = 64, Width = 64, Classes = 5 });
        var found = ArchitectureRecognizer.Recognize(graph)!.Architecture;
        Assert.Equal((architecture.Padding, mixed.Normalization.Epsilon), (found.Padding, found.Normalization.Epsilon));
        Assert.NotNull(ArchitectureRecognizer.Match(graph, architecture, out string? difference));
        Assert.Contains("stem.conv", difference, StringComparison.Ordinal);
        Assert.Contains("epsilon", difference, StringComparison.Ordinal);
        _ = ArchitectureRecognizer.Match(architecture.Build(new BuildOptions { Height = 64, Width = 64, Classes = 5 }),
            ArchitectureRegistry.Get(twin), out difference);
        Assert.Contains("pads", difference, StringComparison.Ordinal);
    }

    [Fact]
    public void Functions_are_the_files()
    {
        var architecture = ArchitectureRegistry.Get("efficientnet_b0");
        var other = architecture with
        {
            Activation = ActivationKind.HardSwish,
            SqueezeExcite = architecture.SqueezeExcite with { Activation = ActivationKind.Relu, Gate = ActivationKind.HardSigmoid },
            Stages = [.. architecture.Stages.Select((stage, s) => s == 1 ? stage with { Activation = ActivationKind.Relu6 } : stage)],
        };
        var graph = other.Build(new BuildOptions { Height = 64, Width = 64, Classes = 5 });
        var found = ArchitectureRecognizer.Recognize(graph)!.Architecture;
        Assert.Equal(other with { Stages = found.Stages }, found);
        Assert.Equal(other.Stages, found.Stages);
        _ = ArchitectureRecognizer.Match(graph, architecture, out string? difference);
        Assert.Contains("is HardSwish, by the name it is Silu", difference, StringComparison.Ordinal);
    }

    // One convolution that pads otherwise than the rest: no table says that.
    [Fact]
    public void A_network_that_no_table_says_is_not_recognised()
    {
        var graph = ArchitectureRegistry.Get("resnet18").Build(new BuildOptions { Height = 64, Width = 64, Classes = 5 });
        int changed = graph.Nodes.First(node => node.Operator is Convolution { Kernel: 3, Stride: 1 }).Index;
        var odd = Rebuilt(graph, node => node.Index == changed
            ? (Convolution)node.Operator with { Padding = PaddingStyle.None, ExplicitPads = new Pads(0, 0, 2, 2) }
            : node.Operator, node => node.Name);
        Assert.Null(ArchitectureRecognizer.Recognize(odd));
        Assert.NotNull(ArchitectureRecognizer.Match(odd, ArchitectureRegistry.Get("resnet18"), out string? difference));
        Assert.Contains("0 0 2 2", difference, StringComparison.Ordinal);
        Assert.Null(ArchitectureRecognizer.Match(odd, ArchitectureRegistry.Get("resnet34"), out difference));
        Assert.NotNull(difference);
    }

    private static Graph Renamed(Graph graph) => Rebuilt(graph, node => node.Operator, node => $"n{node.Index}");

    private static Graph Rebuilt(Graph graph, Func<Node, Operator> operatorOf, Func<Node, string> nameOf)
    {
        var builder = new GraphBuilder(graph.Input.Shape);
        var nodes = new Node[graph.Nodes.Length];
        nodes[0] = builder.Last;
        foreach (var node in graph.Nodes.Skip(1)) nodes[node.Index] =
            builder.Append(nameOf(node), operatorOf(node), [.. node.Inputs.Select(input => nodes[input])]);
        return builder.Build();
    }
}
