namespace EfficientNetSharp.Evaluation.Verification;

/// <summary>Pairs accepted at each threshold of a grid 0, step, 2 · step …, where a pair is accepted if its distance is below.</summary>
internal sealed class ThresholdCounts
{
    // How many are accepted at each threshold.
    private readonly long[] _genuine, _impostors;

    public ThresholdCounts(ReadOnlySpan<double> distances, ReadOnlySpan<RowPair> pairs, double step, double end)
    {
        Thresholds = (int)Math.Ceiling(end / step);
        _genuine = new long[Thresholds];
        _impostors = new long[Thresholds];
        for (int i = 0; i < distances.Length; i++)
        {
            if (pairs[i].IsSame) Genuine++;
            else Impostors++;
            int first = FirstAbove(distances[i], step);
            if (first < Thresholds) (pairs[i].IsSame ? _genuine : _impostors)[first]++;
        }

        for (int i = 1; i < Thresholds; i++)
        {
            _genuine[i] += _genuine[i - 1];
            _impostors[i] += _impostors[i - 1];
        }
    }

    public int Thresholds { get; }

    public long Genuine { get; private set; }

    public long Impostors { get; private set; }

    public long Count => Genuine + Impostors;

    public long FalseAccepts(int threshold) => _impostors[threshold];

    /// <summary>Genuine pairs accepted and impostor pairs rejected.</summary>
    public long Right(int threshold) => _genuine[threshold] + Impostors - _impostors[threshold];

    // The quotient may round across a threshold, so the thresholds themselves decide.
    private static int FirstAbove(double distance, double step)
    {
        int first = (int)Math.Min(distance / step, int.MaxValue / 2);
        while (first > 0 && distance < (first - 1) * step) first--;
        while (distance >= first * step && first < int.MaxValue / 2) first++;
        return first;
    }
}
