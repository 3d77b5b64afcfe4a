using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Torch;
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
                ? cosine.Times(Math.Cos(angle)).sub(SineOf(cosine).Times(Math.Sin(angle)))
                : cosine.clamp(Scalars.Of(-1 + 1e-7), Scalars.Of(1 - 1e-7)).acos().Times(multiplier).Plus(angle).cos();
            double offset = isPlain ? -angle * Math.Sin(angle) : -1 - Math.Cos(last);
            shifted = where(cosine.gt(Scalars.Of(Math.Cos(last))), turned, cosine.Plus(offset));
        }

        return decrease == 0 ? shifted : shifted.Minus(decrease);
    }

    /// <summary>cos(θ + m) by insightface's code: without a line beyond π.</summary>
    public static Tensor PlainAngular(Tensor cosine, double multiplier, double angle, double decrease) =>
        cosine.acos().Times(multiplier).Plus(angle).cos().Minus(decrease);

    /// <summary>AdaFace: cos(θ + g_angle) − g_add, where z of the length goes from −1 to 1.</summary>
    /// <param name="cosine">[N,1].</param>
    /// <param name="lengths">The embeddings' lengths [N,1], clipped to 0.001…100 and without a gradient.</param>
    /// <param name="statistics">Running mean and deviation of lengths [2].</param>
    /// <param name="margin">m.</param>
    /// <param name="concentration">h.</param>
    public static Tensor AdaFace(Tensor cosine, Tensor lengths, Tensor statistics, double margin, double concentration)
    {
        var z = lengths.sub(statistics[0]).div(statistics[1].Plus(AdaFaceEpsilon)).Times(concentration)
            .clamp(Scalars.MinusOne, Scalars.One);
        var inside = cosine.clamp(Scalars.Of(-1 + AdaFaceEpsilon), Scalars.Of(1 - AdaFaceEpsilon));
        var angle = inside.acos().sub(z.Times(margin)).clamp(Scalars.Of(AdaFaceEpsilon), Scalars.Of(Math.PI - AdaFaceEpsilon));
        return angle.cos().sub(z.Times(margin).Plus(margin));
    }

    /// <summary>MagFace: cos(θ + m(a)) where cos θ is positive (its "easy" margin), with m linear in the length.</summary>
    /// <param name="cosine">[N,1].</param>
    /// <param name="lengths">The embeddings' lengths [N,1], within the range.</param>
    /// <param name="options">The ranges.</param>
    /// <param name="share">Share of the margin.</param>
    public static Tensor MagFace(Tensor cosine, Tensor lengths, MagFaceOptions options, double share)
    {
        double slope = (options.MaxMargin - options.MinMargin) / (options.MaxLength - options.MinLength);
        var margin = lengths.Minus(options.MinLength).Times(slope).Plus(options.MinMargin).Times(share);
        var turned = cosine.mul(margin.cos()).sub(SineOf(cosine).mul(margin.sin()));
        return where(cosine.gt(Scalars.Zero), turned, cosine);
    }

    /// <summary>
    /// CurricularFace: other identities whose cosine N exceeds the own one with its margin count as N·(t + N).
    /// </summary>
    /// <param name="cosines">All [N,C].</param>
    /// <param name="turned">The own one with its margin [N,1].</param>
    /// <param name="t">How far training is [1].</param>
    public static Tensor Curricular(Tensor cosines, Tensor turned, Tensor t) =>
        where(cosines.gt(turned), cosines.mul(cosines.Plus(t)), cosines);

    /// <summary>sin θ of cos θ.</summary>
    public static Tensor SineOf(Tensor cosine) => cosine.Squared().neg().Plus(1).clamp_min(Scalars.Of(MinSineSquare)).sqrt();
}
