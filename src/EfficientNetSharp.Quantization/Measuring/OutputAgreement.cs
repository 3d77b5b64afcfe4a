namespace EfficientNetSharp.Quantization.Measuring;

/// <summary>How near a quantized network's outputs are to the float network's on the same images.</summary>
public sealed record OutputAgreement
{
    /// <summary>Images.</summary>
    public required int Images { get; init; }

    /// <summary>Images of which the largest output is the same: for a classifier, top-1 is the same class.</summary>
    public required int Agreeing { get; init; }

    /// <summary>Cosine of the two outputs, on average over images.</summary>
    public required double MeanCosine { get; init; }

    /// <summary>The cosine that one image in a hundred is below; with fewer images the smallest.</summary>
    public required double FirstPercentileCosine { get; init; }

    /// <summary>
    /// Signal to quantization noise in decibels, on average over images: 10·lg(‖y‖² / ‖ŷ − y‖²). It is what choices are made by, since it
    /// tells more on a few images than agreement does.
    /// </summary>
    public required double SignalToNoise { get; init; }

    /// <summary>Share of <see cref="Agreeing"/>.</summary>
    public double Agreement => Images == 0 ? 0 : (double)Agreeing / Images;

    /// <summary>Bounds of the agreement at 95 per cent (Wilson 1927).</summary>
    public (double Low, double High) AgreementInterval
    {
        get
        {
            const double Z = 1.959964; // the normal distribution's 97.5 per cent point
            double n = Math.Max(Images, 1), centre = (Agreement + (Z * Z / (2 * n))) / (1 + (Z * Z / n));
            double half = Z / (1 + (Z * Z / n)) * Math.Sqrt((Agreement * (1 - Agreement) / n) + (Z * Z / (4 * n * n)));
            return (Math.Max(0, centre - half), Math.Min(1, centre + half));
        }
    }
}
