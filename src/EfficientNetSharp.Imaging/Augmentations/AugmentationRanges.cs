namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>What an augmentation's numbers may be: for its own checks and for whoever offers them as options.</summary>
public static class AugmentationRanges
{
    /// <summary>Shares of an image's area that a random crop covers.</summary>
    public static NumberRange CropScale { get; } = new(0.0001, 1);

    /// <summary>
    /// Strengths of random brightness, contrast and saturation; a factor of 256 already makes every pixel black or full.
    /// </summary>
    public static NumberRange Jitter { get; } = new(0, 255);

    /// <summary>Shares of the images that something is done to.</summary>
    public static NumberRange Share { get; } = new(0, 1);
}
