using EfficientNetSharp.Training.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Embeddings;

/// <summary>What margins make of the cosine with the image's own centre, [N,1] to [N,1], in the cosines' precision.</summary>
internal static class Margins
{
    // AdaFace's reference code: what is added to the deviation, and how far angles stay from 0 and π.
    private const double AdaFaceEpsilon = 1e-3;

    // sin θ is what the exact derivative divides by; below this an angle counts as 0.
    private const double MinSineSquare = 1e-12;

    /// <summary>
    /// cos(m₁θ + m₂) − m₃. Where the angle would be beyond π, from which on the cosine rises again, a line in cos θ goes on: cos θ − m₂ sin m₂
    /// − m₃ as in ArcFace's first code; with a multiplier the line that meets the curve.
    /// </summary>
    public static Tensor Combined(Tensor cosine, double multiplier, double angle, double decrease)
    {
        double last = (Math.PI - angle) / multiplier;
        bool isPlain = multiplier == 1;
        Tensor shifted;
        if (angle == 0 && isPlain) shifted = cosine;
        else
        {
            var turned = isPlain
                ? cosine.mul(Math.Cos(angle)).sub(SineOf(cosine).mul(Math.Sin(angle)))
                : cosine.clamp(-1 + 1e-7, 1 - 1e-7).acos().mul(multiplier).add(angle).cos();
            double offset = isPlain ? -angle * Math.Sin(angle) : -1 - Math.Cos(last);
            shifted = where(cosine.gt(Math.Cos(last)), turned, cosine.add(offset));
        }

        return decrease == 0 ? shifted : shifted.sub(decrease);
    }

    /// <summary>cos(θ + m) by insightface's code: without a line beyond π.</summary>
    public static Tensor PlainAngular(Tensor cosine, double multiplier, double angle, double decrease) =>
        cosine.acos().mul(multiplier).add(angle).cos().sub(decrease);

    /// <summary>AdaFace: cos(θ + g_angle) − g_add, where z of the length goes from −1 to 1.</summary>
    /// <param name="cosine">[N,1].</param>
    /// <param name="lengths">The embeddings' lengths [N,1], clipped to 0.001…100 and without a gradient.</param>
    /// <param name="statistics">Running mean and deviation of lengths [2].</param>
    /// <param name="margin">m.</param>
    /// <param name="concentration">h.</param>
    public static Tensor AdaFace(Tensor cosine, Tensor lengths, Tensor statistics, double margin, double concentration)
    {
        var z = lengths.sub(statistics[0]).div(statistics[1].add(AdaFaceEpsilon)).mul(concentration).clamp(-1, 1);
        var inside = cosine.clamp(-1 + AdaFaceEpsilon, 1 - AdaFaceEpsilon);
        return inside.acos().sub(z.mul(margin)).clamp(AdaFaceEpsilon, Math.PI - AdaFaceEpsilon).cos().sub(z.mul(margin).add(margin));
    }

    /// <summary>MagFace: cos(θ + m(a)) where cos θ is positive (its "easy" margin), with m linear in the length.</summary>
    /// <param name="cosine">[N,1].</param>
    /// <param name="lengths">The embeddings' lengths [N,1], within the range.</param>
    /// <param name="options">The ranges.</param>
    /// <param name="share">Share of the margin.</param>
    public static Tensor MagFace(Tensor cosine, Tensor lengths, MagFaceOptions options, double share)
    {
        double slope = (options.MaxMargin - options.MinMargin) / (options.MaxLength - options.MinLength);
        var margin = lengths.sub(options.MinLength).mul(slope).add(options.MinMargin).mul(share);
        var turned = cosine.mul(margin.cos()).sub(SineOf(cosine).mul(margin.sin()));
        return where(cosine.gt(0), turned, cosine);
    }

    /// <summary>
    /// CurricularFace: other identities whose cosine N exceeds the own one with its margin count as N·(t + N).
    /// </summary>
    /// <param name="cosines">All [N,C].</param>
    /// <param name="turned">The own one with its margin [N,1].</param>
    /// <param name="t">How far training is [1].</param>
    public static Tensor Curricular(Tensor cosines, Tensor turned, Tensor t) =>
        where(cosines.gt(turned), cosines.mul(cosines.add(t)), cosines);

    /// <summary>sin θ of cos θ.</summary>
    public static Tensor SineOf(Tensor cosine) => cosine.square().neg().add(1).clamp_min(MinSineSquare).sqrt();
}
