namespace EfficientNetSharp.Quantization.Measuring;

/// <summary>Numbers beside those that integers stand for, over some images.</summary>
internal sealed class ValueComparison
{
    // Beyond it, a value is as good as exact.
    private const double MaxDecibels = 140;

    private double _product, _expected, _actual, _noise;
    private long _count, _saturated;

    public double Cosine => _expected == 0 || _actual == 0 ? (_expected == _actual ? 1 : 0) : _product / Math.Sqrt(_expected * _actual);

    public double Decibels => _noise == 0 ? MaxDecibels : _expected == 0 ? 0 : Math.Min(MaxDecibels, 10 * Math.Log10(_expected / _noise));

    /// <summary>Share of numbers beyond what the integers hold.</summary>
    public double Saturated => _count == 0 ? 0 : (double)_saturated / _count;

    public void Add(
        ReadOnlySpan<float> expected, ReadOnlySpan<float> actual, float min = float.NegativeInfinity, float max = float.PositiveInfinity)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            double a = expected[i], b = actual[i];
            _product += a * b;
            _expected += a * a;
            _actual += b * b;
            _noise += (a - b) * (a - b);
            if (expected[i] < min || expected[i] > max) _saturated++;
        }

        _count += expected.Length;
    }
}
