using System.Collections.Immutable;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Imaging.Augmentations.Policies;

/// <summary>
/// Three-augment (DeiT III, Touvron et al. 2022; deit/augment.py): each picture becomes grey, or is solarized from 128 on, or is blurred, with
/// equal chances. The paper adds a colour jitter of 0.3.
/// </summary>
public sealed class ThreeAugment : StepPolicy
{
    /// <summary>Standard deviation of the blur in pixels, uniform in this range (deit/augment.py).</summary>
    private const double LeastBlur = 0.1, MostBlur = 2;

    /// <summary>Needs nothing.</summary>
    public ThreeAugment()
        : base(PolicySettings.Torchvision)
    {
    }

    /// <inheritdoc />
    public override ImmutableArray<PolicyStep> Draw(PictureSize size, ref SeededRandom random) => random.NextInt(3) switch
    {
        0 => [new PolicyStep(PictureOperation.Color, 0)],
        1 => [new PolicyStep(PictureOperation.Solarize, Solarize.DefaultThreshold)],
        _ => [new PolicyStep(PictureOperation.GaussianBlur, random.NextDouble(LeastBlur, MostBlur))],
    };
}
