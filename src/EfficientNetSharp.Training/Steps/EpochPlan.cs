using EfficientNetSharp.Data.Mixing;
using EfficientNetSharp.Imaging.Transforms;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Recipes;

namespace EfficientNetSharp.Training.Steps;

/// <summary>What may differ from epoch to epoch of a run. Equal plans share a loader and a network.</summary>
/// <param name="IsProbe">Whether the classifier alone learns.</param>
/// <param name="Input">Size and statistics of the images.</param>
/// <param name="Dropout">Dropout before the classifier; the architecture's where <see langword="null"/>.</param>
/// <param name="Augmentation">How chance changes the images.</param>
/// <param name="Mixing">How images of a batch are mixed.</param>
internal sealed record EpochPlan(bool IsProbe, Preprocessing Input, double? Dropout, AugmentationOptions Augmentation, MixingOptions Mixing)
{
    private const int Stride = 32;

    /// <summary>The plan of an epoch.</summary>
    /// <param name="recipe">The run's recipe.</param>
    /// <param name="input">The model's preprocessing.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    public static EpochPlan Of(TrainingRecipe recipe, Preprocessing input, int epoch)
    {
        bool probe = epoch < recipe.ProbeEpochs;
        var plan = new EpochPlan(probe, Scaled(input, recipe.InputShare), recipe.Dropout, recipe.Augmentation, recipe.Mixing);
        if (recipe.Progressive is not { } stages || probe) return plan;
        var stage = stages.At(epoch - recipe.ProbeEpochs, recipe.Epochs);
        return plan with
        {
            Input = input.At(stage.Resolution),
            Dropout = stage.Dropout,
            Augmentation = recipe.Augmentation.Policy is null ? recipe.Augmentation : recipe.Augmentation with
            {
                PolicyMagnitude = stage.Magnitude,
            },
            Mixing = recipe.Mixing with
            {
                MixupAlpha = stage.MixupAlpha,
                CutMixAlpha = recipe.Mixing.CutMixAlpha > 0 ? stage.MixupAlpha : 0,
            },
        };
    }

    // Multiples of 32, the stride of the last maps, so that no pixel of them stands for padding alone.
    private static Preprocessing Scaled(Preprocessing input, double share)
    {
        return share == 1 ? input : input.At(Side(input.Height), Side(input.Width));

        int Side(int own)
        {
            int side = Math.Max(1, (int)Math.Round(own * share / Stride)) * Stride;
            return share < 1 ? Math.Min(own, side) : side;
        }
    }
}
