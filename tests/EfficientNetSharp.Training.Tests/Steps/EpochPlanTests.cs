using EfficientNetSharp.Imaging.Transforms;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Steps;

namespace EfficientNetSharp.Training.Tests.Steps;

public sealed class EpochPlanTests
{
    private static readonly Preprocessing Input = Preprocessing.ForSize(384, 1);

    [Fact]
    public void Without_stages_all_epochs_share_a_plan()
    {
        var recipe = new TrainingRecipe { ProbeEpochs = 1 };
        Assert.Equal(EpochPlan.Of(recipe, Input, 1), EpochPlan.Of(recipe, Input, 30));
        Assert.True(EpochPlan.Of(recipe, Input, 0).IsProbe);
        Assert.False(EpochPlan.Of(recipe, Input, 1).IsProbe);
    }

    // google/automl's EfficientNetV2-S: sizes 150 + 150 · (stage + 1)/4, RandAugment from 5 to 10.
    [Theory]
    [InlineData(0, 187, 5)]
    [InlineData(87, 187, 5)]
    [InlineData(88, 225, 6.6666667)]
    [InlineData(262, 262, 8.3333333)]
    [InlineData(349, 300, 10)]
    public void Stages_of_V2_S_grow(int epoch, int size, double magnitude)
    {
        var recipe = new TrainingRecipe
        {
            Epochs = 350,
            Progressive = ProgressiveStages.AutomlS,
            Augmentation = new() { Policy = "tpu-rand-m10-n2" },
        };
        var plan = EpochPlan.Of(recipe, Input, epoch);
        Assert.Equal(size, plan.Input.Height);
        Assert.Equal(magnitude, plan.Augmentation.PolicyMagnitude!.Value, 6);
        Assert.Equal(0.2, plan.Dropout);
        Assert.False(plan.Mixing.IsOn);
    }

    [Fact]
    public void Mixing_rises_with_the_stages()
    {
        var recipe = new TrainingRecipe { Epochs = 4, Progressive = new(20, 40, 0, 0, 0, 0.3, 0, 0.2), Mixing = new(1, 1) };
        Assert.False(EpochPlan.Of(recipe, Input, 0).Mixing.IsOn);
        var last = EpochPlan.Of(recipe, Input, 3);
        Assert.Equal((0.3, 0.3), (last.Mixing.MixupAlpha, last.Mixing.CutMixAlpha));
    }
}
