using EfficientNetSharp.Imaging.Augmentations;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Recipes;

namespace EfficientNetSharp.Training.Steps;

/// <summary>What may differ from epoch to epoch of a run. Equal plans share a loader and a network.</summary>
/// <param name="IsProbe">Whether the classifier alone learns.</param>
/// <param name="Input">Size and statistics of the pictures.</param>
/// <param name="Dropout">Dropout before the classifier; the architecture's where <see langword="null"/>.</param>
/// <param name="Augmentation">How chance changes the pictures.</param>
internal sealed record EpochPlan(bool IsProbe, Preprocessing Input, double? Dropout, AugmentationOptions Augmentation)
{
    /// <summary>The plan of an epoch.</summary>
    /// <param name="recipe">The run's recipe.</param>
    /// <param name="input">The model's preprocessing.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    public static EpochPlan Of(TrainingRecipe recipe, Preprocessing input, int epoch) =>
        new(epoch < recipe.ProbeEpochs, input, recipe.Dropout, recipe.Augmentation);
}
