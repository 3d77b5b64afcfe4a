namespace EfficientNetSharp.Data.Inspection;

/// <summary>
/// Finds hashes that differ in few bits without comparing every two of them. Each hash is cut into four parts of 16 bits; two hashes that
/// differ in d bits have a part that differs in d/4 (rounded down) at most, so for each part only those with an equal or nearly equal one
/// are compared (multi-index hashing: Norouzi, Punjani, Fleet 2012).
/// </summary>
public sealed class NearHashIndex
{
    private const int Parts = 4, PartBits = 16, PartValues = 1 << PartBits;

    // All values of a part with at most 0, 1 and 2 bits.
    private static readonly int[][] Flips = [.. Enumerable.Range(0, 3).Select(max => FlipsOf(max).ToArray())];

    private readonly ulong[] _hashes;
    private readonly int[][] _starts = new int[Parts][];
    private readonly int[][] _members = new int[Parts][];

    // The hashes in the order of each part's members: comparing them where they lie would wait for memory at each.
    private readonly ulong[][] _sorted = new ulong[Parts][];

    /// <summary>Sorts the hashes by each of their parts.</summary>
    /// <param name="hashes">The hashes; equal ones slow the search down and are better given once.</param>
    public NearHashIndex(ReadOnlySpan<ulong> hashes)
    {
        _hashes = hashes.ToArray();
        for (int part = 0; part < Parts; part++)
        {
            int[] starts = new int[PartValues + 1];
            foreach (ulong hash in _hashes) starts[ValueOf(hash, part) + 1]++;
            for (int value = 0; value < PartValues; value++) starts[value + 1] += starts[value];
            int[] next = starts[..PartValues], members = new int[_hashes.Length];
            for (int i = 0; i < _hashes.Length; i++) members[next[ValueOf(_hashes[i], part)]++] = i;
            (_starts[part], _members[part], _sorted[part]) = (starts, members, [.. members.Select(i => _hashes[i])]);
        }
    }

    /// <summary>The positions of all hashes behind one that are no further from it than a distance, in no order, each once.</summary>
    /// <param name="position">The position of the hash; only larger positions are given, so that each pair comes once.</param>
    /// <param name="distance">0 … 11; the time grows with 16 to the power of its fourth part.</param>
    public IReadOnlyList<int> After(int position, int distance)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(position, _hashes.Length);
        ArgumentOutOfRangeException.ThrowIfNegative(distance);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(distance, (3 * Parts) - 1);
        var found = new List<int>();
        ulong hash = _hashes[position];
        for (int part = 0; part < Parts; part++)
        {
            int value = ValueOf(hash, part);
            foreach (int flip in Flips[distance / Parts])
            {
                int from = _starts[part][value ^ flip], to = _starts[part][(value ^ flip) + 1];
                var near = _sorted[part].AsSpan(from, to - from);
                for (int i = 0; i < near.Length; i++)
                {
                    if (PerceptualHash.Distance(hash, near[i]) <= distance && _members[part][from + i] is var other && other > position)
                        found.Add(other);
                }
            }
        }

        // A pair that is near in several parts comes as often.
        found.Sort();
        return found.Count < 2 ? found : [.. found.Distinct()];
    }

    private static int ValueOf(ulong hash, int part) => (int)(hash >> (part * PartBits)) & (PartValues - 1);

    private static IEnumerable<int> FlipsOf(int max)
    {
        yield return 0;
        if (max < 1) yield break;
        for (int a = 0; a < PartBits; a++)
        {
            yield return 1 << a;
            if (max < 2) continue;
            for (int b = 0; b < a; b++) yield return (1 << a) | (1 << b);
        }
    }
}
