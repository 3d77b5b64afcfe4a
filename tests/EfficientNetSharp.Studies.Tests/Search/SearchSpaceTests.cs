using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Randomness;
using EfficientNetSharp.Studies.Search;

namespace EfficientNetSharp.Studies.Tests.Search;

public sealed class SearchSpaceTests
{
    private static readonly Architecture B0 = ArchitectureRegistry.Get("efficientnet_b0"), V2 = ArchitectureRegistry.Get("mobilenet_v2");

    private static readonly SearchSpace Space = new(B0, V2);

    [Fact]
    public void It_is_as_large_as_its_choices() =>
        // 4 operations, 2 kernels, 2 squeeze-excites, 2 skips, 3 widths, 3 numbers of layers, in 7 stages.
        Assert.Equal(Math.Pow(288, 7), Space.Size, 1e6);

    [Fact]
    public void Thousands_of_samples_are_networks_that_can_be_built_as_chosen()
    {
        for (ulong i = 0; i < 3000; i++)
        {
            var random = new SeededRandom(1, i);
            var choices = Space.Sample(ref random);
            var network = Space.NetworkOf(choices, "sample");
            var graph = network.Build(new BuildOptions { Height = 32, Width = 32, Classes = 10 });
            Assert.Equal(10, graph.Output.Shape.Channels);
            for (int stage = 0; stage < Space.StageCount; stage++)
            {
                var (choice, row, skeleton) = (choices[stage], network.Stages[stage], V2.Stages[stage]);
                Assert.Equal((choice.Kernel, skeleton.Stride, choice.SqueezeExcite), (row.Kernel, row.Stride, row.SqueezeExcite));
                Assert.Equal(Math.Max(1, skeleton.Repeats + choice.Layers), row.Repeats);
                Assert.True(row.Channels % 8 == 0 && Math.Abs(row.Channels - (skeleton.Channels * choice.Width)) <= 4, $"{row}");
                // Each squeeze-excite ends in one.
                Assert.Equal(choice.SqueezeExcite > 0 ? row.Repeats : 0, graph.Nodes.Count(node =>
                    node.Operator is Gate && node.Place is { Role: NodeRole.Stage } place && place.Stage == stage));
            }
        }
    }

    [Fact]
    public void Every_value_of_every_choice_is_drawn()
    {
        var seen = new HashSet<object>();
        for (ulong i = 0; i < 500; i++)
        {
            var random = new SeededRandom(2, i);
            foreach (var choice in Space.Sample(ref random))
            {
                seen.Add(choice.Operation);
                seen.Add((choice.Kernel, "kernel"));
                seen.Add((choice.SqueezeExcite, "se"));
                seen.Add((choice.Skip, "skip"));
                seen.Add((choice.Width, "width"));
                seen.Add((choice.Layers, "layers"));
            }
        }

        Assert.Equal(4 + 2 + 2 + 2 + 3 + 3, seen.Count);
    }

    [Fact]
    public void A_mutation_changes_one_stage_and_makes_another_network()
    {
        var random = new SeededRandom(3);
        var choices = Space.Sample(ref random);
        for (int i = 0; i < 3000; i++)
        {
            var changed = SearchSpace.Mutate(choices, ref random);
            Assert.Single(changed.Zip(choices), pair => pair.First != pair.Second);
            Space.NetworkOf(changed, "changed").Build(new BuildOptions { Height = 32, Width = 32, Classes = 10 });
            choices = changed;
        }
    }
}
