using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Optimizers;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Steps;
using EfficientNetSharp.Training.Tasks;
using EfficientNetSharp.Training.Torch;
using EfficientNetSharp.Training.Torch.Functions;
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
        Assert.All(groups, pair => Assert.Equal(pair.Parameter.Role is ParameterRole.NormScale or ParameterRole.NormShift ? 0 : 0.1,
            pair.Group.WeightDecay));
    }

    [Fact]
    public void Usual_settings_make_two_stretches()
    {
        Assert.Equal(2, ParameterLayout.GroupsOf(_parameters, _graph, new TrainingRecipe(), []).Stretches.Length);
        Assert.Equal(2, ParameterLayout.GroupsOf(_parameters, _graph, new TrainingRecipe { DecayRule = DecayRule.AllButNorms },
            []).Stretches.Length);
    }

    [Theory]
    [InlineData("stem.conv.weight", 0.0625)]
    [InlineData("stages.0.0.depthwise.conv.weight", 0.125)]
    [InlineData("stages.1.0.expand.conv.weight", 0.25)]
    [InlineData("stages.1.1.expand.conv.weight", 0.5)]
    [InlineData("head.conv.weight", 1)]
    [InlineData("classifier.weight", 1)]
    public void Layer_decay_halves_from_block_to_block(string name, double expected) =>
        Assert.Equal(expected, Groups(new TrainingRecipe { LayerDecay = 0.5 }).Single(pair => pair.Parameter.Name == name).Group.RateScale,
            12);

    [Fact]
    public void Frozen_parts_have_no_group()
    {
        var frozen = FreezeRule.Parse("stem,0").NodesOf(_graph);
        var names = Groups(new TrainingRecipe(), frozen).Select(pair => pair.Parameter.Name).ToList();
        Assert.DoesNotContain(names, name => name.StartsWith("stem.", StringComparison.Ordinal)
            || name.StartsWith("stages.0.", StringComparison.Ordinal));
        Assert.Contains("stages.1.0.expand.conv.weight", names);
    }

    [Fact]
    public void Units_are_output_channels_and_the_classifier_is_not_clipped()
    {
        var groups = ParameterLayout.GroupsOf(_parameters, _graph, new TrainingRecipe(), []);
        Assert.Equal(27, Pair(groups).Single(pair => pair.Parameter.Name == "stem.conv.weight").Group.RowLength);
        Assert.Equal(25, Pair(groups).Single(pair => pair.Parameter.Name == "stages.1.0.depthwise.conv.weight").Group.RowLength);
        Assert.DoesNotContain(Pair(ParameterLayout.WithoutClassifier(_parameters, _graph, groups)),
            pair => pair.Parameter.Name.StartsWith("classifier.", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_trained_beside_the_network_has_its_own_rate_and_decay_and_is_never_frozen_or_clipped_by_units()
    {
        var matrix = new TaskParameter(new Parameter("task.matrix", [3, 4], ParameterRole.LinearKernel),
        new WeightTensor([3, 4], new float[12]))
        {
            RateScale = 3,
        };
        var bias = new TaskParameter(new Parameter("task.bias", [3], ParameterRole.Bias), new WeightTensor([3], new float[3]))
        {
            Decays = true,
        };
        var weights = new WeightSet(
            WeightInitializer.Initialize(_graph, 1)
            .Concat([KeyValuePair.Create("task.matrix", matrix.Initial), KeyValuePair.Create("task.bias", bias.Initial)]));
        using var parameters = new FlatParameters(_graph, weights, extra: [matrix.Parameter, bias.Parameter]);
        var groups = ParameterLayout.GroupsOf(
            parameters, _graph, new TrainingRecipe { WeightDecay = 0.1, LayerDecay = 0.5 }, FreezeRule.AllButClassifier.NodesOf(_graph),
            matrix, bias);
        var byName = parameters.Trained.ToDictionary(entry => entry.Parameter.Name,
            entry => groups.Tensors.SingleOrDefault(group => group.Start == entry.Offset));
        Assert.Equal((0.1, 3, 4), (byName["task.matrix"]!.WeightDecay, byName["task.matrix"]!.RateScale, byName["task.matrix"]!.RowLength));
        Assert.Equal((0.1, 1), (byName["task.bias"]!.WeightDecay, byName["task.bias"]!.RateScale));
        Assert.Equal(["classifier.bias", "classifier.weight", "task.bias", "task.matrix"],
            byName.Where(pair => pair.Value is not null).Select(pair => pair.Key).Order());
        Assert.Empty(ParameterLayout.WithoutClassifier(parameters, _graph, groups).Tensors);
        Assert.DoesNotContain("task.matrix",
            parameters.Export(TensorMemory.SpanOf(parameters.Values), TensorMemory.SpanOf(parameters.Statistics)).Keys);
    }

    private List<(ParameterGroup Group, Parameter Parameter)> Groups(TrainingRecipe recipe,
        System.Collections.Immutable.ImmutableHashSet<string>? frozen = null) =>
        Pair(ParameterLayout.GroupsOf(_parameters, _graph, recipe, frozen ?? []));

    private List<(ParameterGroup Group, Parameter Parameter)> Pair(ParameterGroups groups)
    {
        var byOffset = _parameters.Trained.ToDictionary(entry => (int)entry.Offset, entry => entry.Parameter);
        return [.. groups.Tensors.Select(group => (group, byOffset[group.Start]))];
    }
}
