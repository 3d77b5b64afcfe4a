namespace EfficientNetSharp.Quantization.Calibration;

/// <summary>
/// What is known of a value's numbers after many images, in bounded memory: extremes and a histogram, whose bins are joined two by two
/// whenever a number lies beyond them.
/// </summary>
public sealed class ValueStatistics
{
    /// <summary>Bins of the histogram, half of them below zero; a power of two.</summary>
    public const int Bins = 8192;

    // The histogram starts this fine; numbers below are in the two bins beside zero.
    private const double FirstReach = 1e-6;

    // ONNX Runtime's constant of a moving average (calibrate.py).
    private const double MovingShare = 0.01;

    private readonly long[] _counts = new long[Bins];

    /// <summary>The lowest number.</summary>
    public float Min { get; private set; } = float.PositiveInfinity;

    /// <summary>The highest number.</summary>
    public float Max { get; private set; } = float.NegativeInfinity;

    /// <summary>The mean of the images' lowest numbers, later ones counting more (1 % each).</summary>
    public double MovingMin { get; private set; }

    /// <summary>The mean of the images' highest numbers, later ones counting more.</summary>
    public double MovingMax { get; private set; }

    /// <summary>Images.</summary>
    public int Images { get; private set; }

    /// <summary>Numbers.</summary>
    public long Count { get; private set; }

    /// <summary>Numbers that were not finite; they are counted nowhere else.</summary>
    public long NotFinite { get; private set; }

    /// <summary>The histogram reaches from −reach to reach.</summary>
    public double Reach { get; private set; } = FirstReach;

    /// <summary>How many numbers each bin has.</summary>
    public ReadOnlySpan<long> Counts => _counts;

    /// <summary>Numbers that a bin stands for: its middle.</summary>
    public double CenterOf(int bin) => (((bin + 0.5) / Bins * 2) - 1) * Reach;

    /// <summary>Takes the value of one image.</summary>
    public void Add(ReadOnlySpan<float> numbers)
    {
        float min = float.PositiveInfinity, max = float.NegativeInfinity;
        foreach (float number in numbers)
        {
            if (!float.IsFinite(number)) continue;
            min = Math.Min(min, number);
            max = Math.Max(max, number);
        }

        if (min > max)
        {
            NotFinite += numbers.Length;
            return;
        }

        while (Math.Max(-min, max) >= Reach) Widen();
        double perNumber = Bins / (2 * Reach);
        foreach (float number in numbers)
        {
            if (!float.IsFinite(number))
            {
                NotFinite++;
                continue;
            }

            Count++;
            // Exact zeros, which ReLUs and padding make many of, cost nothing in any scheme and would drown the others.
            if (number != 0) _counts[Math.Clamp((int)((number + Reach) * perNumber), 0, Bins - 1)]++;
        }

        (Min, Max) = (Math.Min(Min, min), Math.Max(Max, max));
        double share = Images == 0 ? 1 : MovingShare;
        (MovingMin, MovingMax) = (MovingMin + ((min - MovingMin) * share), MovingMax + ((max - MovingMax) * share));
        Images++;
    }

    private void Widen()
    {
        var joined = new long[Bins];
        for (int i = 0; i < Bins; i++) joined[(Bins / 4) + (i / 2)] += _counts[i];
        joined.CopyTo(_counts, 0);
        Reach *= 2;
    }
}
