using System.Collections.Immutable;

namespace EfficientNetSharp.Evaluation;

/// <summary>Sums images into bins of equal width over confidence (Guo et al. 2017, section 2): bin m of M holds ((m−1)/M, m/M].</summary>
internal sealed class CalibrationMeter(int bins)
{
    private readonly long[] _counts = new long[bins];
    private readonly long[] _hits = new long[bins];
    private readonly double[] _confidences = new double[bins];

    public void Add(double confidence, bool isRight)
    {
        int bin = BinOf(confidence);
        _counts[bin]++;
        _confidences[bin] += confidence;
        if (isRight) _hits[bin]++;
    }

    public ImmutableArray<CalibrationBin> Bins => [.. Enumerable.Range(0, bins).Select(bin => new CalibrationBin(
        Edge(bin), Edge(bin + 1), _counts[bin], Share(_confidences[bin], _counts[bin]), Share(_hits[bin], _counts[bin])))];

    public double ExpectedCalibrationError
    {
        get
        {
            double gaps = 0;
            for (int bin = 0; bin < bins; bin++) gaps += Math.Abs(_hits[bin] - _confidences[bin]);
            return Share(gaps, _counts.Sum());
        }
    }

    // The product may round across an edge, so the edges themselves decide.
    private int BinOf(double confidence)
    {
        int bin = Math.Clamp((int)(confidence * bins), 0, bins - 1);
        while (bin > 0 && confidence <= Edge(bin)) bin--;
        while (bin < bins - 1 && confidence > Edge(bin + 1)) bin++;
        return bin;
    }

    private double Edge(int bin) => (double)bin / bins;

    private static double Share(double sum, long count) => count == 0 ? 0 : sum / count;
}
