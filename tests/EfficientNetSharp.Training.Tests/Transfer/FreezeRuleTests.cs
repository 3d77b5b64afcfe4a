using EfficientNetSharp.Architectures;
using EfficientNetSharp.Training.Transfer;

namespace EfficientNetSharp.Training.Tests.Transfer;

public sealed class FreezeRuleTests
{
    [Fact]
    public void Words_name_parts_of_the_network()
    {
        var graph = ArchitectureRegistry.Get("efficientnet_b0").Build();
        var frozen = FreezeRule.Parse("stem, 0-2,head").NodesOf(graph);
        Assert.Contains("stem.conv", frozen);
        Assert.Contains("stages.2.1.project.norm", frozen);
        Assert.Contains("head.conv", frozen);
        Assert.DoesNotContain(frozen, name => name.StartsWith("stages.3", StringComparison.Ordinal)
            || name.StartsWith("classifier", StringComparison.Ordinal));
        Assert.Empty(FreezeRule.Parse("").NodesOf(graph));
    }

    [Fact]
    public void All_leaves_the_classifier_and_its_dropout()
    {
        var graph = ArchitectureRegistry.Get("efficientnet_b0").Build();
        var learning = graph.Nodes.Select(node => node.Name).Except(FreezeRule.Parse("all").NodesOf(graph));
        Assert.Equal(["dropout", "classifier"], learning);
    }

    [Theory]
    [InlineData("root", "root")]
    [InlineData("3-1", "3-1")]
    [InlineData("1-2-3", "1-2-3")]
    [InlineData("0-2000000000", "0-2000000000")]
    public void Other_words_are_refused(string words, string named) =>
        Assert.Contains(named, Assert.Throws<InvalidInputException>(() => FreezeRule.Parse(words)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_stage_that_is_not_there_is_refused() => Assert.Contains(
        "stages.7", Assert.Throws<InvalidInputException>(
        () => FreezeRule.Parse("7").NodesOf(ArchitectureRegistry.Get("efficientnet_b0").Build())).Message, StringComparison.Ordinal);
}
