namespace EfficientNetSharp.Evaluation.Reports.Scaling;

/// <summary>A network scaled in width and resolution, with its accuracy and its cost.</summary>
/// <param name="Width">Multiplier of channels.</param>
/// <param name="Resolution">Side of the square input in pixels.</param>
/// <param name="Top1">Top-1 accuracy in per cent.</param>
/// <param name="Macs">Multiply-adds for one image.</param>
public sealed record ScaledPoint(double Width, int Resolution, double Top1, double Macs)
{
    /// <summary>
    /// How much more one axis is scaled than the other, as a ratio from 1: 1 where width and resolution are the same multiple of what they
    /// are at the baseline.
    /// </summary>
    /// <param name="baseline">The baseline's side in pixels; its width is 1.</param>
    public double Imbalance(int baseline)
    {
        double ratio = Width / ((double)Resolution / baseline);
        return Math.Max(ratio, 1 / ratio);
    }
}
