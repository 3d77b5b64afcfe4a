using System.Collections.Immutable;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Imaging.Augmentations.Policies;

/// <summary>A policy that applies a few operations one after the other; drawing them and applying them are apart.</summary>
internal abstract class SequentialPolicy : IAugmentation
{
    private protected SequentialPolicy(PolicySettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.Filter is { } filter && !Enum.IsDefined(filter))
            throw new ArgumentOutOfRangeException(nameof(settings), filter, "Nearest, bilinear or bicubic.");
        Settings = settings;
    }

    /// <summary>Fill colour and filter.</summary>
    public PolicySettings Settings { get; }

    /// <summary>Draws what is to be done to an image.</summary>
    /// <param name="size">The image's size: shifts and cutouts depend on it.</param>
    /// <param name="random">The image's own stream of random numbers.</param>
    /// <returns>The operations in their order; none when chance left the image as it is.</returns>
    public abstract ImmutableArray<PolicyOperation> Draw(ImageSize size, ref SeededRandom random);

    /// <inheritdoc />
    public void Apply(Image image, ref SeededRandom random)
    {
        ArgumentNullException.ThrowIfNull(image);
        foreach (var operation in Draw(image.Size, ref random)) operation.Apply(image, Settings.Fill);
    }
}
