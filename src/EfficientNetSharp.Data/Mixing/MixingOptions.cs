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
    /// <summary>
    /// What <see cref="MixupAlpha"/> and <see cref="CutMixAlpha"/> may be: shares below hardly differ from 0 and 1, those beyond from a
    /// half.
    /// </summary>
    public static NumberRange AlphaRange { get; } = new(0.001, 100) { OrZero = true };

    private static readonly NumberRange Share = new(0, 1);

    /// <summary>Whether anything is ever mixed.</summary>
    public bool IsOn => Probability > 0 && (MixupAlpha > 0 || CutMixAlpha > 0);

    /// <summary>Checks all ranges.</summary>
    /// <exception cref="InvalidInputException">A value is out of its range; the message names it.</exception>
    public void Check()
    {
        AlphaRange.Require(MixupAlpha, $"The mixing's {nameof(MixupAlpha)}");
        AlphaRange.Require(CutMixAlpha, $"The mixing's {nameof(CutMixAlpha)}");
        Share.Require(Probability, $"The mixing's {nameof(Probability)}");
        Share.Require(SwitchProbability, $"The mixing's {nameof(SwitchProbability)}");
        if (!Enum.IsDefined(Mode))
        {
            throw new InvalidInputException(
                $"The mixing's {nameof(Mode)}: expected {string.Join(" or ", Enum.GetNames<MixingMode>())}, found {Mode}.");
        }
    }
}
