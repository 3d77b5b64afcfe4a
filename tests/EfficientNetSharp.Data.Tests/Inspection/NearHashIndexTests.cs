using EfficientNetSharp.Data.Inspection;

namespace EfficientNetSharp.Data.Tests.Inspection;

public sealed class NearHashIndexTests
{
    /// <summary>Hashes of which many are a few bits from another: random ones would never be near.</summary>
    private static readonly Gen<ulong[]> Hashes = Gen.Select(Gen.ULong, Gen.Int[0, 63].Array[0, 10]).Array[2, 60].Select(pairs =>
    {
        var hashes = new List<ulong>();
        foreach (var (fresh, bits) in pairs)
        {
            hashes.Add(
                bits.Aggregate(
                hashes.Count > 0 && fresh % 3 > 0 ? hashes[(int)(fresh % (ulong)hashes.Count)] : fresh,
                (hash, bit) => hash ^ (1UL << bit)));
        }
        return hashes.ToArray();
    });

    [Fact]
    public void The_index_finds_exactly_what_comparing_all_pairs_finds() =>
        Gen.Select(Hashes, Gen.Int[0, 9]).Sample(
            (hashes, distance) =>
            {
                var index = new NearHashIndex(hashes);
                for (int i = 0; i < hashes.Length; i++)
                {
                    int[] expected = [.. Enumerable.Range(i + 1, hashes.Length - i - 1)
                        .Where(j => PerceptualHash.Distance(hashes[i], hashes[j]) <= distance)];
                    Assert.Equal(expected, index.After(i, distance));
                }
            },
            iter: 60,
            threads: 1);

    [Fact]
    public void Distances_beyond_what_the_parts_can_tell_are_the_callers_error()
    {
        var index = new NearHashIndex([1, 2]);
        Assert.Throws<ArgumentOutOfRangeException>(() => index.After(0, 12));
        Assert.Throws<ArgumentOutOfRangeException>(() => index.After(2, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => index.After(0, -1));
    }
}
