using System.Collections.Immutable;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Imaging.Augmentations.Policies;

/// <summary>A policy that applies a few operations one after the other; drawing them and applying them are apart.</summary>
public abstract class StepPolicy : IAugmentation
{
    private protected StepPolicy(PolicySettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        if (settings.Filter is { } filter && !Enum.IsDefined(filter))
            throw new ArgumentOutOfRangeException(nameof(settings), filter, "Nearest, bilinear or bicubic.");
        Settings = settings;
    }

    /// <summary>Fill colour and filter.</summary>
    public PolicySettings Settings { get; }

    /// <summary>Draws what is to be done to a picture.</summary>
    /// <param name="size">The picture's size: shifts and cutouts depend on it.</param>
    /// <param name="random">The picture's own stream of random numbers.</param>
    /// <returns>The operations in their order; none when chance left the picture as it is.</returns>
    public abstract ImmutableArray<PolicyStep> Draw(PictureSize size, ref SeededRandom random);

    /// <inheritdoc />
    public void Apply(Picture picture, ref SeededRandom random)
    {
        ArgumentNullException.ThrowIfNull(picture);
        foreach (var step in Draw(picture.Size, ref random)) step.Apply(picture, Settings.Fill);
    }
}
