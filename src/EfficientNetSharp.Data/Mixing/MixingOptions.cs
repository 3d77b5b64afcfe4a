namespace EfficientNetSharp.Data.Mixing;

/// <summary>What shares the draws of mixing.</summary>
public enum MixingMode
{
    /// <summary>One kind, share and box for all images of a batch; timm's <c>batch</c> and its default.</summary>
    Batch,

    /// <summary>Each pair of images has its own, and both take from each other; timm's <c>pair</c>.</summary>
    Pair,

    /// <summary>Each image has its own; timm's <c>elem</c>.</summary>
    Element,
}

/// <summary>
/// How images of a batch are mixed: Mixup (Zhang et al. 2017) adds two in shares, CutMix (Yun et al. 2019) puts a box of one into the
/// other. With both on, chance decides. The defaults are timm's (timm/data/mixup.py).
/// </summary>
/// <param name="MixupAlpha">Mixup's share is Beta(α, α); 0, the default, for no Mixup. 0.2 is usual.</param>
/// <param name="CutMixAlpha">The box leaves Beta(α, α) of the image; 0, the default, for no CutMix. 1 is usual.</param>
/// <param name="Probability">How often a batch, pair or image is mixed at all.</param>
/// <param name="SwitchProbability">How often it is CutMix where both are on.</param>
/// <param name="Mode">What shares the draws.</param>
public sealed record MixingOptions(
    double MixupAlpha = 0, double CutMixAlpha = 0, double Probability = 1, double SwitchProbability = 0.5,
    MixingMode Mode = MixingMode.Batch)
{
    /// <summary>Shares beyond hardly differ from a half.</summary>
    private const double MaxAlpha = 100;

    /// <summary>Shares below hardly differ from 0 and 1.</summary>
    private const double MinAlpha = 0.001;

    /// <summary>Whether anything is ever mixed.</summary>
    public bool IsOn => Probability > 0 && (MixupAlpha > 0 || CutMixAlpha > 0);

    /// <summary>Checks all ranges.</summary>
    /// <exception cref="InvalidInputException">A value is out of its range; the message names it.</exception>
    public void Check()
    {
        RequireAlpha(MixupAlpha, nameof(MixupAlpha));
        RequireAlpha(CutMixAlpha, nameof(CutMixAlpha));
        Require(Probability is >= 0 and <= 1, nameof(Probability), Probability, "0 to 1");
        Require(SwitchProbability is >= 0 and <= 1, nameof(SwitchProbability), SwitchProbability, "0 to 1");
        Require(Enum.IsDefined(Mode), nameof(Mode), Mode, string.Join(" or ", Enum.GetNames<MixingMode>()));

        static void RequireAlpha(double alpha, string name) =>
            Require(
                alpha is 0 or (>= MinAlpha and <= MaxAlpha), name, alpha, FormattableString.Invariant($"0 or {MinAlpha} to {MaxAlpha}"));

        static void Require(bool holds, string name, object found, string expected)
        {
            if (!holds)
            {
                throw new InvalidInputException(
                    FormattableString.Invariant($"Expected {name} of the mixing to be {expected}, found {found}; change it."));
            }
        }
    }
}
