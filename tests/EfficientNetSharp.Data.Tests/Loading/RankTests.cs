using EfficientNetSharp.Data.Loading;
using static EfficientNetSharp.Data.Tests.Loading.Samples;

namespace EfficientNetSharp.Data.Tests.Loading;

/// <summary>Several processes that load parts of the same batches.</summary>
public sealed class RankTests
{
    private sealed record Row(int Batch, int Place, int Index, int Label, float[] Image);

    [Fact]
    public void Ranks_together_load_exactly_what_one_process_loads() => WithoutHanging(() =>
        Gen.Select(Gen.Int[1, 60], Gen.Int[1, 20], Gen.Int[2, 5], Gen.Bool, Gen.ULong).Sample(
            (count, batchSize, ranks, training, seed) =>
            {
                if (training) ranks = Math.Min(ranks, Math.Min(count, batchSize));
                var dataset = Dataset(count, broken: [.. Enumerable.Range(1, count - 1).Where(i => (i + (int)(seed % 5)) % 4 == 3)]);
                var options = new BatchLoaderOptions
                {
                    BatchSize = batchSize, Training = training, Seed = seed, Workers = 2, BrokenImages = BrokenImagePolicy.Skip,
                };
                var alone = Load(dataset, options);
                var together = Enumerable.Range(0, ranks).SelectMany(rank => Load(dataset, options with { Rank = rank, RankCount = ranks }))
                    .OrderBy(row => row.Batch).ThenBy(row => row.Place).ToList();
                Assert.Equal(alone.Count, together.Count);
                foreach (var (expected, actual) in alone.Zip(together))
                {
                    // The place is that of the plan: a broken image on one rank moves nothing, on that rank or another.
                    Assert.Equal(
                        (expected.Batch, expected.Place, expected.Index, expected.Label),
                        (actual.Batch, actual.Place, actual.Index, actual.Label));
                    Assert.Equal(expected.Image, actual.Image);
                }
            },
            iter: 60,
            threads: 1));

    [Fact]
    public void Every_rank_gets_every_batch_and_knows_the_whole() => WithoutHanging(() =>
    {
        // Batches of 4, 4 and 1: of the last only rank 2 has a row.
        for (int rank = 0; rank < 3; rank++)
        {
            using var loader = new BatchLoader(
                Dataset(9), new FakeTransform(Shape),
                new BatchLoaderOptions { BatchSize = 4, Training = false, Workers = 2, Rank = rank, RankCount = 3 });
            var seen = new List<(int Number, int Count, int FirstRow, int GlobalCount)>();
            foreach (var batch in loader.Batches())
            {
                using (batch) seen.Add((batch.Number, batch.Count, batch.FirstRow, batch.GlobalCount));
            }

            Assert.Equal([0, 1, 2], seen.Select(batch => batch.Number));
            Assert.Equal([4, 4, 1], seen.Select(batch => batch.GlobalCount));
            Assert.Equal([4 * rank / 3, 4 * rank / 3, rank / 3], seen.Select(batch => batch.FirstRow));
            Assert.Equal(rank == 2 ? 1 : 0, seen[2].Count);
        }
    });

    [Fact]
    public void Rows_keep_their_places_where_an_image_before_them_is_broken() => WithoutHanging(() =>
    {
        using var loader = new BatchLoader(Dataset(10, broken: [5, 7]), new FakeTransform(Shape), new BatchLoaderOptions
        {
            BatchSize = 10, Training = false, Workers = 2, Rank = 1, RankCount = 2, BrokenImages = BrokenImagePolicy.Skip,
        });
        using var batch = Assert.Single(loader.Batches());
        Assert.Equal([6, 8, 9], batch.Rows.ToArray());
        Assert.Equal([6, 8, 9], batch.Indices.ToArray());
        Assert.Equal((5, 10), (batch.FirstRow, batch.GlobalCount));
    });

    [Fact]
    public void A_rank_whose_images_are_all_broken_steps_along() => WithoutHanging(() =>
    {
        using var loader = new BatchLoader(Dataset(8, broken: [0, 1]), new FakeTransform(Shape), new BatchLoaderOptions
        {
            BatchSize = 4, Training = false, Workers = 2, RankCount = 2, BrokenImages = BrokenImagePolicy.Skip,
        });
        Assert.Equal([0, 2], Run(loader).Select(batch => batch.Indices.Length));
    });

    [Fact]
    public void A_rank_taken_up_in_the_middle_goes_on_as_unbroken() => WithoutHanging(() =>
    {
        using var loader = new BatchLoader(
            Dataset(57), new FakeTransform(Shape),
            new BatchLoaderOptions { BatchSize = 8, Training = true, Seed = 3, Workers = 3, Rank = 1, RankCount = 3 });
        var whole = Run(loader, 2);
        for (int start = 0; start <= whole.Count; start++) AssertEqual(whole[start..], Run(loader, 2, start));
    });

    private static List<Row> Load(InMemoryDataset dataset, BatchLoaderOptions options)
    {
        using var loader = new BatchLoader(dataset, new FakeTransform(Shape), options);
        var rows = new List<Row>();
        int length = (int)Shape.Count;
        foreach (var batch in loader.Batches(4))
        {
            using (batch)
            {
                for (int i = 0; i < batch.Count; i++)
                {
                    rows.Add(new Row(
                        batch.Number, batch.Rows[i], batch.Indices[i], batch.Labels[i], batch.Images.Slice(i * length, length).ToArray()));
                }
            }
        }

        return rows;
    }
}
