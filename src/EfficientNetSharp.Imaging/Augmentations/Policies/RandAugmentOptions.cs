namespace EfficientNetSharp.Imaging.Augmentations.Policies;

/// <summary>Which operations RandAugment draws from, and what its magnitude means.</summary>
internal enum RandAugmentTable
{
    /// <summary>timm's fifteen; some weaken as the magnitude grows.</summary>
    Timm,

    /// <summary>timm's fifteen, all growing with the magnitude: <c>inc1</c>.</summary>
    TimmIncreasing,

    /// <summary>timm's with weights after their worth in the paper, never the same twice: <c>tweights</c>.</summary>
    TimmWeighted,

    /// <summary>timm's three-augment with magnitudes: <c>t3a</c>.</summary>
    TimmThree,

    /// <summary>timm's three-augment among others, weighted: <c>t3aw</c>.</summary>
    TimmThreeWeighted,

    /// <summary>
    /// The sixteen of the TPU code and of automl's EfficientNetV2: shifts up to 100 pixels, half cutouts up to 40 at level 10.
    /// </summary>
    Tpu,

    /// <summary>torchvision's fourteen; the magnitude is a position in 31 even ones.</summary>
    Torchvision,
}

/// <summary>How strongly RandAugment (Cubuk et al. 2019) changes images. The defaults are timm's.</summary>
/// <param name="Table">The operations.</param>
/// <param name="Magnitude">
/// Strength of all operations. 10 ends the ranges of timm's and the TPU code's; the TPU code goes beyond (17 for B5, 28 for B7).
/// torchvision's is a whole number of 0 to 30.
/// </param>
/// <param name="Layers">How many operations are drawn for an image; 1 to 16.</param>
/// <param name="MagnitudeDeviation">
/// Standard deviation of a normal noise on the magnitude, timm's <c>mstd</c>; infinite for a magnitude uniform from 0 to the one given.
/// </param>
/// <param name="MagnitudeLimit">
/// Larger magnitudes are cut to this, timm's <c>mmax</c>; <see langword="null"/> for 10 in timm's tables and no limit otherwise.
/// </param>
/// <param name="Probability">
/// How often a drawn operation is applied, timm's <c>p</c>; <see langword="null"/> for 0.5 in timm's tables and 1 otherwise.
/// </param>
internal sealed record RandAugmentOptions(
    RandAugmentTable Table = RandAugmentTable.Timm,
    double Magnitude = 10,
    int Layers = 2,
    double MagnitudeDeviation = 0,
    double? MagnitudeLimit = null,
    double? Probability = null)
{
    /// <summary>Ten times the ranges that anybody uses; beyond it operations are all black or all fill.</summary>
    internal const double MaxMagnitude = 100;

    /// <summary>A limit of 0 would leave nothing; timm reads it as none.</summary>
    private const double MinLimit = 0.01;

    private const int MaxLayers = 16;

    /// <summary>Checks all ranges.</summary>
    /// <exception cref="InvalidInputException">A value is out of its range; the message names it.</exception>
    public void Check()
    {
        if (!Enum.IsDefined(Table)) throw new InvalidInputException($"Expected a known table of RandAugment, found {Table}; change it.");
        bool isTorchvision = Table == RandAugmentTable.Torchvision;
        PolicyChecks.Range("magnitude", Magnitude, 0, isTorchvision ? TorchvisionOperations.Bins - 1 : MaxMagnitude);
        if (isTorchvision && Magnitude != Math.Round(Magnitude))
            throw new InvalidInputException(
                FormattableString.Invariant($"Expected a whole magnitude for torchvision's RandAugment, found {Magnitude}; change it."));
        PolicyChecks.Range("number of layers", Layers, 1, MaxLayers);
        if (!double.IsPositiveInfinity(MagnitudeDeviation) || isTorchvision)
            PolicyChecks.Range("magnitude deviation", MagnitudeDeviation, 0, isTorchvision ? 0 : PolicyChecks.MaxDeviation);
        PolicyChecks.Range("magnitude limit", MagnitudeLimit ?? MaxMagnitude, MinLimit, MaxMagnitude);
        PolicyChecks.Range("probability", Probability ?? 0, 0, 1);
    }
}
