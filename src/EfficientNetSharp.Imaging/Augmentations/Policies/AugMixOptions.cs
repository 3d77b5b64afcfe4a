namespace EfficientNetSharp.Imaging.Augmentations.Policies;

/// <summary>How AugMix (Hendrycks et al. 2019) mixes. The defaults are the paper's and timm's.</summary>
/// <param name="Magnitude">Strength of the operations, 0 to 10, timm's <c>m</c>.</param>
/// <param name="Width">Chains that are mixed, timm's <c>w</c>; 1 to 16.</param>
/// <param name="Depth">Operations of a chain, timm's <c>d</c>, 1 to 16; <see langword="null"/> for 1 to 3 at random.</param>
/// <param name="Alpha">Shape of the Dirichlet and Beta distributions of the shares, timm's <c>a</c>; 0.01 to 100.</param>
/// <param name="MagnitudeDeviation">
/// Standard deviation of a normal noise on the magnitude, timm's <c>mstd</c>; <see langword="null"/>, as there, for a magnitude uniform
/// from 0 to the one given.
/// </param>
internal sealed record AugMixOptions(
    double Magnitude = 3, int Width = 3, int? Depth = null, double Alpha = 1, double? MagnitudeDeviation = null)
{
    /// <summary>The maximum number of chains and of operations; each costs as much as a whole policy elsewhere.</summary>
    private const int Max = 16;

    /// <summary>Outside this range all shares are 0 or 1, or all alike.</summary>
    private const double MinAlpha = 0.01, MaxAlpha = 100;

    /// <summary>Checks all ranges.</summary>
    /// <exception cref="InvalidInputException">A value is out of its range; the message names it.</exception>
    public void Check()
    {
        PolicyChecks.Range("magnitude", Magnitude, 0, TimmOperations.TopLevel);
        PolicyChecks.Range("width", Width, 1, Max);
        PolicyChecks.Range("depth", Depth ?? 1, 1, Max);
        PolicyChecks.Range("alpha", Alpha, MinAlpha, MaxAlpha);
        PolicyChecks.Range("magnitude deviation", MagnitudeDeviation ?? 0, 0, PolicyChecks.MaxDeviation);
    }
}
