using EfficientNetSharp.Imaging.Augmentations;
using EfficientNetSharp.Imaging.Augmentations.Policies;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Imaging.Transforms;

/// <summary>How much chance changes training images. The defaults are torchvision's and the EfficientNet TPU code's.</summary>
public sealed record AugmentationOptions
{
    /// <summary>The largest input of a network.</summary>
    private const double MaxCutout = PreprocessingChecks.MaxSide;

    /// <summary>
    /// Smallest share of the image's area that a crop covers, at least 0.0001; default 0.08 (Inception, Szegedy et al. 2015).
    /// </summary>
    public double MinScale { get; init; } = 0.08;

    /// <summary>Largest share of the image's area that a crop covers, at most 1; default 1.</summary>
    public double MaxScale { get; init; } = 1;

    /// <summary>Smallest width / height of a crop; default 3/4.</summary>
    public double MinRatio { get; init; } = 3.0 / 4.0;

    /// <summary>Largest width / height of a crop; default 4/3.</summary>
    public double MaxRatio { get; init; } = 4.0 / 3.0;

    /// <summary>Probability of mirroring left and right; default 0.5. Set 0 where it changes the meaning: digits, text.</summary>
    public double FlipProbability { get; init; } = 0.5;

    /// <summary>Brightness is multiplied by max(0, 1 − b) … 1 + b; default 0, off.</summary>
    public double Brightness { get; init; }

    /// <summary>Contrast is multiplied by max(0, 1 − c) … 1 + c; default 0, off.</summary>
    public double Contrast { get; init; }

    /// <summary>Saturation is multiplied by max(0, 1 − s) … 1 + s; default 0, off.</summary>
    public double Saturation { get; init; }

    /// <summary>Hue turns by −h … h of a full circle, at most 0.5; default 0, off.</summary>
    public double Hue { get; init; }

    /// <summary>Share of the images that lose their colours, after the other changes of colour; default 0, none.</summary>
    public double Grey { get; init; }

    /// <summary>
    /// Share of the images that are made as small as a fifth and large again, as faces far from a camera are; comes after the flip. Default 0,
    /// none.
    /// </summary>
    public double LowResolution { get; init; }

    /// <summary>
    /// A policy by its name, such as <c>rand-m9-mstd0.5-inc1</c>, <c>tpu-v0</c> or <c>trivial</c>; see <see cref="AugmentationPolicies"/>.
    /// It comes after the flip and before the colour jitter. Default <see langword="null"/>, none.
    /// </summary>
    public string? Policy { get; init; }

    /// <summary>
    /// The policy's magnitude in place of the one in its name, for strengths that grow in a run; default <see langword="null"/>, the
    /// name's.
    /// </summary>
    public double? PolicyMagnitude { get; init; }

    /// <summary>Share of the images that the policy is applied to; default <see langword="null"/>, all.</summary>
    public double? PolicyProbability { get; init; }

    /// <summary>
    /// Side in pixels of a square that is covered with the mean colour, around a random point; default 0, off. Comes after colours.
    /// </summary>
    public int CutoutSide { get; init; }

    /// <summary>Random erasing of normalised values; default <see langword="null"/>, off.</summary>
    public RandomErasingOptions? Erasing { get; init; }

    /// <summary>Checks all ranges.</summary>
    /// <exception cref="InvalidInputException">A value is out of its range; the message names it.</exception>
    public void Check()
    {
        // Crop and jitter know their own ranges.
        CreateCrop();
        CreateJitter();
        AugmentationChecks.Range(FlipProbability, nameof(FlipProbability), AugmentationRanges.Share);
        AugmentationChecks.Range(Grey, nameof(Grey), AugmentationRanges.Share);
        AugmentationChecks.Range(LowResolution, nameof(LowResolution), AugmentationRanges.Share);
        AugmentationChecks.Range(PolicyProbability ?? 1, nameof(PolicyProbability), AugmentationRanges.Share);
        AugmentationChecks.Range(CutoutSide, nameof(CutoutSide), 0, MaxCutout);
        if (Policy is null && (PolicyMagnitude ?? PolicyProbability) is not null)
        {
            throw new InvalidInputException(
                "Expected a Policy beside PolicyMagnitude and PolicyProbability, found none; name one or leave them out.");
        }
        // Whether a policy is well-formed does not depend on the network's size or colours.
        if (Policy is not null) AugmentationPolicies.Parse(Policy, Preprocessing.ForSize(1), PolicyMagnitude);
        Erasing?.Check();
    }

    internal RandomResizedCrop CreateCrop() => new(MinScale, MaxScale, MinRatio, MaxRatio);

    internal ColorJitter CreateJitter() => new(Brightness, Contrast, Saturation, Hue);
}
