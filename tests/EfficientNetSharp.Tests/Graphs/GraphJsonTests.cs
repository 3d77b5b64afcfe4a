using System.Text.RegularExpressions;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Transforms;
using EfficientNetSharp.Randomness;
using EfficientNetSharp.Tests.Files;
using EfficientNetSharp.Tests.Models;

namespace EfficientNetSharp.Tests.Graphs;

public sealed class GraphJsonTests
{
    private static readonly string Tiny = GraphJson.Serialize(SmallModels.Make(SmallModels.Architecture, seed: 1).Graph);

    public static TheoryData<string> Names => [.. ArchitectureRegistry.All.Select(architecture => architecture.Name)];

    // What is replaced (the first time it comes), by what, and part of the message.
    public static TheoryData<string, string, string> Changes => new()
    {
        { "{\"nodes\"", "[{\"nodes\"", "not readable" },
        { "\"nodes\":", "\"knots\":", "lacks 'nodes'" },
        { "\"op\":\"convolution\"", "\"op\":\"deconvolution\"",
        "the node 'stem.conv' has the operator 'deconvolution', which this version does not know" },
        { "\"op\":\"convolution\"", "\"op\":\"convolution\",\"dilation\":2",
        "the node 'stem.conv' has 'dilation', which this version does not know" },
        { "\"pads\":[1,1,1,1]", "\"pads\":[0,1,1,1]", "the node 'stem.conv' has the pads [0, 1, 1, 1], but [1, 1, 1, 1] follow" },
        { "\"pads\":[1,1,1,1]", "\"pads\":[1,1,1]", "no list of 4 whole numbers" },
        { "\"pads\":[1,1,1,1]", "\"pads\":[1,1,1,-1]", "no list of whole numbers from 0" },
        { "stem.conv.weight", "stem.conv.kernel", "has the parameters [stem.conv.kernel], but [stem.conv.weight] follow" },
        { "\"padding\":\"symmetric\"", "\"padding\":\"reflect\"", "says 'reflect', expected one of symmetric, same, none" },
        { "\"kind\":\"silu\"", "\"kind\":\"gelu\"", "says 'gelu'" },
        { "\"role\":\"stem\"", "\"role\":\"tail\"", "says 'tail'" },
        { "\"inputs\":[0]", "\"inputs\":[1]", "expected positions of nodes before it" },
        { "\"inputs\":[0]", "\"inputs\":[-1]", "no list of whole numbers from 0" },
        { "\"inputs\":[0]", "\"inputs\":[0,0]", "takes 1 inputs, found 2" },
        { "\"name\":\"stem.norm\"", "\"name\":\"stem.conv\"", "a node 'stem.conv' already" },
        { "\"name\":\"stem.norm\"", "\"name\":\"\"", "empty" },
        { "\"in\":3", "\"in\":4", "expects a map with 4 channels" },
        { "\"groups\":1", "\"groups\":0", "has groups of 0" },
        { "\"groups\":1", "\"groups\":2", "has groups of 2" },
        { "\"stride\":2", "\"stride\":0", "has a stride of 0" },
        { "\"kernel\":[3,3]", "\"kernel\":[0,3]", "a window of 0×3" },
        { "\"kernel\":[3,3]", "\"kernel\":[99999,3]", "a window of 99999×3" },
        { "\"epsilon\":1E-05", "\"epsilon\":-1", "an epsilon of -1" },
        { "\"epsilon\":1E-05", "\"epsilon\":1e999", "an epsilon of" },
        { "\"epsilon\":1E-05", "\"epsilon\":NaN", "not readable" },
        { "\"momentum\":0.1", "\"momentum\":2", "a momentum of 2" },
        { "\"rate\":0.2", "\"rate\":1", "a rate of 1" },
        { "\"height\":32", "\"height\":70000", "at most 65536 rows" },
        { "\"height\":32", "\"height\":1e30", "no whole number" },
        { "\"op\":\"input\"", "\"op\":\"flatten\"", "the node 'input' has 'channels', which this version does not know" },
        { "\"outputs\":[", "\"outputs\":[99999,", "expected to be positions" },
        { "\"outputs\":[", "\"outputs\":[0,0,", "named twice" },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_registered_network_comes_back(string name)
    {
        var graph = ArchitectureRegistry.Get(name).Build(new BuildOptions { Height = 64, Width = 96, Classes = 5 });
        foreach (var network in new[] { graph, graph.Features([4, 16]), graph.Pooled() })
        {
            string text = GraphJson.Serialize(network);
            var again = GraphJson.Parse(text);
            Assert.Equal(text, GraphJson.Serialize(again));
            Assert.Equal(network.Nodes.Select(Summary), again.Nodes.Select(Summary));
            Assert.Equal(network.Outputs.Select(node => node.Index), again.Outputs.Select(node => node.Index));
        }

        static (string, Operator, TensorShape, NodePlace, string) Summary(Node node) =>
            (node.Name, node.Operator, node.Shape, node.Place, string.Join(',', node.Inputs));
    }

    [Fact]
    public void Explicit_pads_stay_what_they_are_at_another_size()
    {
        var builder = new GraphBuilder(TensorShape.Map(3, 9, 8));
        builder.Append("a", new Convolution(3, 4, 3, 2, 1, PaddingStyle.None, HasBias: true) { KernelWidth = 5,
            ExplicitPads = new Pads(0, 3, 2, 1) });
        builder.Append("b", new MaxPool(3, 2, PaddingStyle.None) { ExplicitPads = new Pads(1, 0, 0, 1) });
        var again = GraphJson.Parse(GraphJson.Serialize(builder.Build()));
        Assert.Equal(builder.Last.Operator, again.Output.Operator);
        Assert.Equal(new Pads(0, 3, 2, 1), ((Convolution)again.AtSize(20, 20)["a"].Operator).PadsFor(TensorShape.Map(3, 20, 20)));
    }

    [Theory]
    [MemberData(nameof(Changes))]
    public void What_is_no_network_is_refused_by_name(string text, string instead, string expected)
    {
        int at = Tiny.IndexOf(text, StringComparison.Ordinal);
        Assert.True(at >= 0, $"{text} is not in {Tiny}");
        HostileInput.AssertRefused(() => GraphJson.Parse(Tiny[..at] + instead + Tiny[(at + text.Length)..]), expected);
    }

    [Fact]
    public void Any_numbers_are_read_or_refused_and_allocate_little()
    {
        string[] numbers = ["0", "-1", "1", "2", "7", "65536", "100000000", "2147483647", "-2147483648", "4294967296", "1e-9", "1e308",
            "1e999", "0.5", "null", "\"x\"", "[]", "{}"];
        var random = new SeededRandom(5, 0);
        var places = Regex.Matches(Tiny, "(?<=[:\\[,])[0-9][0-9.E-]*");
        for (int round = 0; round < 3000; round++)
        {
            var place = places[random.NextInt(places.Count)];
            string text = Tiny[..place.Index] + numbers[random.NextInt(numbers.Length)] + Tiny[(place.Index + place.Length)..];
            long before = GC.GetAllocatedBytesForCurrentThread();
            var thrown = Record.Exception(() => GraphJson.Parse(text));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
            if (thrown is not null) Assert.DoesNotContain('\n', Assert.IsType<InvalidInputException>(thrown).Message);
        }
    }
}
