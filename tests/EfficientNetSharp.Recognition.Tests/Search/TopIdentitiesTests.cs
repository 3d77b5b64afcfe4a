using EfficientNetSharp.Randomness;
using EfficientNetSharp.Recognition.Search;

namespace EfficientNetSharp.Recognition.Tests.Search;

public sealed class TopIdentitiesTests
{
    [Fact]
    public void The_best_row_of_each_of_the_best_identities_in_whatever_order_they_come()
    {
        for (ulong seed = 0; seed < 200; seed++)
        {
            var random = new SeededRandom(seed);
            // Few values, so that many are equal.
            var rows = Enumerable.Range(0, 1 + random.NextInt(60))
                .Select(row => new IdentityScore(1 + random.NextInt(12), random.NextInt(10) / 10f, row)).ToArray();
            int capacity = 1 + random.NextInt(14);
            var expected = rows.GroupBy(row => row.Identity)
                .Select(group => group.OrderByDescending(row => row.Score).ThenBy(row => row.Row).First())
                .OrderByDescending(row => row.Score).ThenBy(row => row.Row).Take(capacity).ToList();
            random.Shuffle(rows.AsSpan());
            var best = new TopIdentities(capacity);
            foreach (var row in rows.Append(new IdentityScore(99, float.NaN, 99))) best.Offer(row);
            Assert.Equal(expected, best.Best.ToArray());
        }
    }
}
