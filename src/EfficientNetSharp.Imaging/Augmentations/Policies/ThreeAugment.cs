using System.Collections.Immutable;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Imaging.Augmentations.Policies;

/// <summary>
/// Three-augment (DeiT III, Touvron et al. 2022; deit/augment.py): each image becomes grey, or is solarized from 128 on, or is blurred,
/// with equal chances. The paper adds a colour jitter of 0.3.
/// </summary>
internal sealed class ThreeAugment : SequentialPolicy
{
    /// <summary>Standard deviation of the blur in pixels, uniform in this range (deit/augment.py).</summary>
    private const double MinBlur = 0.1, MaxBlur = 2;

    /// <summary>Needs nothing.</summary>
    public ThreeAugment()
        : base(PolicySettings.Torchvision)
    {
    }

    /// <inheritdoc />
    public override ImmutableArray<PolicyOperation> Draw(ImageSize size, ref SeededRandom random) => random.NextInt(3) switch
    {
        0 => [new PolicyOperation(ImageOperation.Color, 0)],
        1 => [new PolicyOperation(ImageOperation.Solarize, Solarize.DefaultThreshold)],
        _ => [new PolicyOperation(ImageOperation.GaussianBlur, random.NextDouble(MinBlur, MaxBlur))],
    };
}
