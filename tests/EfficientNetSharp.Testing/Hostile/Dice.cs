using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Testing.Hostile;

/// <summary>The choices of one mutant: a seed and a number name them all.</summary>
/// <param name="seed">The campaign's.</param>
/// <param name="number">The mutant's.</param>
public sealed class Dice(ulong seed, ulong number)
{
    private SeededRandom _random = new(seed, number);

    /// <summary>A number from 0 to below the limit; 0 where the limit is below 1.</summary>
    public int Next(int limit) => limit < 1 ? 0 : _random.NextInt(limit);

    /// <summary>64 bits.</summary>
    public ulong Bits() => _random.NextUInt64();

    /// <summary>True once in so many times.</summary>
    public bool OnceIn(int times) => Next(times) == 0;

    /// <summary>One of some.</summary>
    public T Pick<T>(IReadOnlyList<T> choices) => choices[Next(choices.Count)];

    /// <summary>A length that is usually small: each power of two up to the limit is as likely.</summary>
    public int Length(int limit)
    {
        if (limit < 1) return 0;
        int bits = Next(int.Log2(limit) + 2);
        return Math.Min(limit, Next(1 << bits) + 1);
    }
}
