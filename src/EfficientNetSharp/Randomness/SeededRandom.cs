namespace EfficientNetSharp.Randomness;

/// <summary>
/// A SplitMix64 generator (Steele, Lea, Flood 2014) whose stream is named by a few integers, such as seed, epoch and sample
/// number. Equal names give equal streams on every machine and thread, so results do not depend on who draws first.
/// </summary>
/// <remarks>A mutable struct: pass it by <c>ref</c>.</remarks>
public struct SeededRandom
{
    private const ulong Golden = 0x9E3779B97F4A7C15;
    private ulong _state;

    /// <summary>Starts the stream named by the numbers given; their order matters.</summary>
    public SeededRandom(ulong seed, ulong a = 0, ulong b = 0, ulong c = 0)
    {
        // Each number passes through the mixer before the next is added, so neighbouring names give unrelated streams.
        _state = Mix(Mix(Mix(Mix(seed + Golden) + a + Golden) + b + Golden) + c + Golden);
    }

    /// <summary>The next 64 random bits.</summary>
    public ulong NextUInt64() => Mix(_state += Golden);

    /// <summary>Uniform in [0, 1), 53 bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Uniform in [<paramref name="minimum"/>, <paramref name="maximum"/>).</summary>
    public double NextDouble(double minimum, double maximum) => minimum + ((maximum - minimum) * NextDouble());

    /// <summary>Uniform in 0 … <paramref name="exclusiveMaximum"/> − 1.</summary>
    public int NextInt(int exclusiveMaximum)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(exclusiveMaximum);
        // Multiply-shift on 64 bits: the bias is below 2⁻³², far under anything that could be seen.
        return (int)Math.BigMul(NextUInt64(), (ulong)exclusiveMaximum, out _);
    }

    /// <summary>Standard normal, by the polar method.</summary>
    public double NextGaussian()
    {
        while (true)
        {
            double u = NextDouble(-1, 1), v = NextDouble(-1, 1), s = (u * u) + (v * v);
            if (s is > 0 and < 1) return u * Math.Sqrt(-2 * Math.Log(s) / s);
        }
    }

    /// <summary>Shuffles in place (Fisher–Yates).</summary>
    public void Shuffle<T>(Span<T> values)
    {
        for (int i = values.Length - 1; i > 0; i--)
        {
            int j = NextInt(i + 1);
            (values[i], values[j]) = (values[j], values[i]);
        }
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
