using System.Collections.Immutable;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Imaging.Augmentations.Policies;

/// <summary>
/// TrivialAugment with wide ranges (Müller and Hutter 2021) in torchvision's form: one operation of a strength, both drawn at random.
/// Nothing is to be tuned.
/// </summary>
internal sealed class TrivialAugmentWide : SequentialPolicy
{
    /// <summary>Takes fill colour and filter; torchvision's are <see cref="PolicySettings.Torchvision"/>.</summary>
    public TrivialAugmentWide(PolicySettings settings)
        : base(settings)
    {
    }

    /// <inheritdoc />
    public override ImmutableArray<PolicyOperation> Draw(ImageSize size, ref SeededRandom random)
    {
        var operation = TorchvisionOperations.Wide[random.NextInt(TorchvisionOperations.Wide.Length)];
        int level = random.NextInt(TorchvisionOperations.Bins);
        return [operation.Draw(level, new LevelScale(size, Bins: TorchvisionOperations.Bins), Settings.Filter, ref random)];
    }
}
