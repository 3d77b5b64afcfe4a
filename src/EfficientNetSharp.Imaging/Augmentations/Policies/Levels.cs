using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Imaging.Augmentations.Policies;

/// <summary>timm's noise on magnitudes (AugmentOp in timm/data/auto_augment.py).</summary>
internal static class Levels
{
    /// <summary>Draws a level.</summary>
    /// <param name="magnitude">Its mean, or its maximum where the deviation is infinite.</param>
    /// <param name="deviation">Standard deviation; 0 draws nothing; infinite for uniform from 0 on.</param>
    /// <param name="limit">Levels are cut to 0 … limit.</param>
    /// <param name="random">The image's own stream of random numbers.</param>
    internal static double Draw(double magnitude, double deviation, double limit, ref SeededRandom random)
    {
        if (double.IsPositiveInfinity(deviation)) magnitude = random.NextDouble(0, magnitude);
        else if (deviation > 0) magnitude += deviation * random.NextGaussian();
        return Math.Max(0, Math.Min(magnitude, limit));
    }
}
