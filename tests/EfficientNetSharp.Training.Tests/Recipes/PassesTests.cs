using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Steps;

namespace EfficientNetSharp.Training.Tests.Recipes;

public sealed class PassesTests
{
    [Fact]
    public void A_run_has_at_least_the_steps_that_are_asked_for_and_hardly_more()
    {
        Gen.Select(Gen.Int[1, 5000], Gen.Int[2, 64], Gen.Int[1, 20], Gen.Int[0, 1000]).Sample(
            (images, batch, epochs, steps) =>
            {
                var recipe = new TrainingRecipe { BatchSize = batch, Epochs = epochs, MinSteps = steps };
                int passes = recipe.PassesPerEpoch(images);
                Assert.True(StepsOf(passes) >= steps, $"{passes} passes");
                if (passes > 1) Assert.True(StepsOf(passes - 1) < steps, $"{passes} passes");

                // A last batch that is not full is dropped; fewer images than a batch are one.
                long StepsOf(int count) => (long)count * images / Math.Min(batch, count * images) * epochs;
            },
            iter: 500);
    }

    [Theory]
    [InlineData(1, 224, 224)]
    [InlineData(0.75, 224, 160)]
    [InlineData(0.75, 300, 224)]
    [InlineData(0.75, 24, 24)]
    public void Training_images_are_a_share_of_the_models_size_in_whole_strides(double share, int own, int expected)
    {
        var recipe = new TrainingRecipe { InputShare = share };
        var input = EpochPlan.Of(recipe, Preprocessing.ForSize(own), epoch: 0).Input;
        Assert.Equal((expected, expected), (input.Height, input.Width));
    }
}
