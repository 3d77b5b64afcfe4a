using EfficientNetSharp.Models;

namespace EfficientNetSharp.Imaging;

/// <summary>Preprocessing comes out of model files that people hand in; what does not fit together is refused by name.</summary>
internal static class PreprocessingChecks
{
    /// <summary>Far above any network (EfficientNet-L2 takes 800) and low enough for one array of floats.</summary>
    internal const int MaxSide = 8192;

    internal static void Check(Preprocessing preprocessing)
    {
        ArgumentNullException.ThrowIfNull(preprocessing);
        CheckSide(preprocessing.Height, nameof(Preprocessing.Height));
        CheckSide(preprocessing.Width, nameof(Preprocessing.Width));
        CheckSide(preprocessing.ResizeTo, nameof(Preprocessing.ResizeTo));
        if (!Enum.IsDefined(preprocessing.Crop) || !Enum.IsDefined(preprocessing.Interpolation) || !Enum.IsDefined(preprocessing.Channels))
            throw new InvalidInputException(
                "Expected a known crop rule, interpolation and channel order in the preprocessing; correct the model's card.");

        int channels = preprocessing.Mean.IsDefault ? 0 : preprocessing.Mean.Length;
        int deviations = preprocessing.StandardDeviation.IsDefault ? 0 : preprocessing.StandardDeviation.Length;
        if (channels is not (1 or 3) || deviations != channels)
        {
            throw new InvalidInputException(
                $"Expected 1 or 3 means and as many standard deviations in the preprocessing, found {channels} and {deviations}; " +
                "correct the model's card.");
        }

        foreach (float mean in preprocessing.Mean)
            if (!float.IsFinite(mean))
                throw new InvalidInputException($"Expected finite means in the preprocessing, found {mean}; correct the model's card.");
        foreach (float deviation in preprocessing.StandardDeviation)
        {
            if (!(deviation > 0) || !float.IsFinite(deviation))
                throw new InvalidInputException(
                    $"Expected positive standard deviations in the preprocessing, found {deviation}; correct the model's card.");
        }
    }

    private static void CheckSide(int side, string name)
    {
        if (side is < 1 or > MaxSide)
            throw new InvalidInputException(
                $"Expected {name} of 1 to {MaxSide} pixels in the preprocessing, found {side}; correct the model's card.");
    }
}
