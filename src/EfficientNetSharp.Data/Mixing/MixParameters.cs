using EfficientNetSharp.Graphs;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Data.Mixing;

/// <summary>What chance decides about mixing an image with another.</summary>
/// <param name="Share">The image's own share, 1 where it is not mixed.</param>
/// <param name="Box">The part that comes from the other; <see langword="null"/> for Mixup.</param>
internal readonly record struct MixParameters(float Share, MixingBox? Box)
{
    /// <summary>No mixing.</summary>
    internal static MixParameters None { get; } = new(1, null);

    /// <summary>Draws, in the order of timm's <c>_params_per_batch</c>: whether, which, how much, where.</summary>
    internal static MixParameters Draw(MixingOptions options, TensorShape shape, ref SeededRandom random)
    {
        if (random.NextDouble() >= options.Probability) return None;
        bool isCut = options.CutMixAlpha > 0 && (options.MixupAlpha == 0 || random.NextDouble() < options.SwitchProbability);
        double alpha = isCut ? options.CutMixAlpha : options.MixupAlpha;
        double share = random.NextBeta(alpha, alpha);
        if (!isCut) return new MixParameters((float)share, null);
        int row = random.NextInt(shape.Height), column = random.NextInt(shape.Width);
        var box = MixingBox.Around(column, row, share, shape.Width, shape.Height);
        return new MixParameters(box.ShareLeft(shape.Width, shape.Height), box);
    }
}
