using EfficientNetSharp.Architectures;
using EfficientNetSharp.Models;
using EfficientNetSharp.Studies.Trials;
using EfficientNetSharp.Training.Optimizers;

namespace EfficientNetSharp.Studies.Tests.Trials;

public sealed class TrialKeyTests
{
    private static readonly Trial Trial = Study.Of(SmallStudies.Settings()).Trials(new Dictionary<string, TrialResult>())[0]!;

    public static TheoryData<string> Changes => [.. All.Keys];

    private static Dictionary<string, Func<Trial, Trial>> All { get; } = new(StringComparer.Ordinal)
    {
        ["seed"] = one => one with { Recipe = one.Recipe with { Seed = 6 } },
        ["epochs"] = one => one with { Recipe = one.Recipe with { Epochs = 2 } },
        ["optimizer"] = one => one with { Recipe = one.Recipe with { Optimizer = OptimizerKind.Lamb } },
        ["augmentation"] = one => one with { Recipe = one.Recipe with { Augmentation = one.Recipe.Augmentation with { MinScale = 0.3 } } },
        ["width"] = one => Of(one, network => network with { HeadChannels = 40 }),
        ["depth"] = one => OfStage(one, stage => stage with { Repeats = 3 }),
        ["resolution"] = one => Of(one, network => network with { Resolution = 20 }),
        ["kernel"] = one => OfStage(one, stage => stage with { Kernel = 5 }),
        ["squeeze-excite"] = one => OfStage(one, stage => stage with { SqueezeExcite = 0 }),
        ["skip"] = one => OfStage(one, stage => stage with { Residual = false }),
        ["dropout"] = one => Of(one, network => network with { Dropout = 0.4 }),
        ["normalisation"] = one => Of(one, network => network with { Normalization = new Normalization(1e-5, 0.2) }),
        ["crop"] = one => one with { Preprocessing = one.Preprocessing with { ResizeTo = 20 } },
        ["filter"] = one => one with { Preprocessing = one.Preprocessing with { Interpolation = Interpolation.Bilinear } },
        ["data"] = one => one with { Data = "other" },
        ["threads"] = one => one with { Threads = 2 },
        ["device"] = one => one with { Device = "cuda" },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void What_decides_a_result_changes_its_key(string change) => Assert.NotEqual(Trial.Key, All[change](Trial).Key);

    [Fact]
    public void All_changes_have_keys_of_their_own() =>
        Assert.Equal(All.Count + 1, All.Values.Select(change => change(Trial).Key).Append(Trial.Key).Distinct().Count());

    [Fact]
    public void Places_and_names_do_not_count()
    {
        Assert.Equal(Trial.Key, (Trial with { Series = "x", Point = "y", Budget = "z" }).Key);
        Assert.Equal(Trial.Key, Of(Trial, network => network with { Name = "other", Family = "others" }).Key);
        Assert.Equal(32, Trial.Key.Length);
    }

    private static Trial Of(Trial trial, Func<Architecture, Architecture> change) => trial with { Architecture = change(trial.Architecture) };

    private static Trial OfStage(Trial trial, Func<Stage, Stage> change) =>
        Of(trial, network => network with { Stages = network.Stages.SetItem(1, change(network.Stages[1])) });
}
