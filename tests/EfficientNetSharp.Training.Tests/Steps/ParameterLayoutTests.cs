using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Optimizers;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Steps;
using EfficientNetSharp.Training.Torch;
using EfficientNetSharp.Training.Transfer;

namespace EfficientNetSharp.Training.Tests.Steps;

public sealed class ParameterLayoutTests : IDisposable
{
    private readonly Graph _graph = SmallJobs.Tiny.Build(new Architectures.BuildOptions { Classes = 3 });
    private readonly FlatParameters _parameters;

    public ParameterLayoutTests() => _parameters = new FlatParameters(_graph, WeightInitializer.Initialize(_graph, 1));

    public void Dispose() => _parameters.Dispose();

    [Fact]
    public void Kernels_alone_decay_as_in_timm() => Assert.All(
        Groups(new TrainingRecipe { WeightDecay = 0.1 }), pair => Assert.Equal(pair.Parameter.IsKernel ? 0.1 : 0, pair.Group.WeightDecay));

    [Fact]
    public void Biases_decay_too_as_in_the_TPU_code()
    {
        var groups = Groups(new TrainingRecipe { WeightDecay = 0.1, DecayRule = DecayRule.AllButNorms });
        Assert.Contains(groups, pair => pair.Parameter.Role == ParameterRole.Bias);
        Assert.All(groups, pair => Assert.Equal(pair.Parameter.Role is ParameterRole.NormScale or ParameterRole.NormShift ? 0 : 0.1, pair.Group.WeightDecay));
    }

    [Fact]
    public void Usual_settings_make_two_stretches()
    {
        Assert.Equal(2, ParameterLayout.GroupsOf(_parameters, _graph, new TrainingRecipe(), []).Stretches.Length);
        Assert.Equal(2, ParameterLayout.GroupsOf(_parameters, _graph, new TrainingRecipe { DecayRule = DecayRule.AllButNorms }, []).Stretches.Length);
    }

    [Theory]
    [InlineData("stem.conv.weight", 0.0625)]
    [InlineData("stages.0.0.depthwise.conv.weight", 0.125)]
    [InlineData("stages.1.0.expand.conv.weight", 0.25)]
    [InlineData("stages.1.1.expand.conv.weight", 0.5)]
    [InlineData("head.conv.weight", 1)]
    [InlineData("classifier.weight", 1)]
    public void Layer_decay_halves_from_block_to_block(string name, double expected) =>
        Assert.Equal(expected, Groups(new TrainingRecipe { LayerDecay = 0.5 }).Single(pair => pair.Parameter.Name == name).Group.RateScale, 12);

    [Fact]
    public void Frozen_parts_have_no_group()
    {
        var frozen = FreezeRule.Parse("stem,0").NodesOf(_graph);
        var names = Groups(new TrainingRecipe(), frozen).Select(pair => pair.Parameter.Name).ToList();
        Assert.DoesNotContain(names, name => name.StartsWith("stem.", StringComparison.Ordinal) || name.StartsWith("stages.0.", StringComparison.Ordinal));
        Assert.Contains("stages.1.0.expand.conv.weight", names);
    }

    [Fact]
    public void Units_are_output_channels_and_the_classifier_is_not_clipped()
    {
        var groups = ParameterLayout.GroupsOf(_parameters, _graph, new TrainingRecipe(), []);
        Assert.Equal(27, Pair(groups).Single(pair => pair.Parameter.Name == "stem.conv.weight").Group.RowLength);
        Assert.Equal(25, Pair(groups).Single(pair => pair.Parameter.Name == "stages.1.0.depthwise.conv.weight").Group.RowLength);
        Assert.DoesNotContain(Pair(ParameterLayout.WithoutClassifier(_parameters, _graph, groups)), pair => pair.Parameter.Name.StartsWith("classifier.", StringComparison.Ordinal));
    }

    private List<(ParameterGroup Group, Parameter Parameter)> Groups(TrainingRecipe recipe, System.Collections.Immutable.ImmutableHashSet<string>? frozen = null) =>
        Pair(ParameterLayout.GroupsOf(_parameters, _graph, recipe, frozen ?? []));

    private List<(ParameterGroup Group, Parameter Parameter)> Pair(ParameterGroups groups)
    {
        var byOffset = _parameters.Trained.ToDictionary(entry => (int)entry.Offset, entry => entry.Parameter);
        return [.. groups.Tensors.Select(group => (group, byOffset[group.Start]))];
    }
}
