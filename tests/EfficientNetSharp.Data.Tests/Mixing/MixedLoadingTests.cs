using EfficientNetSharp.Data.Loading;
using EfficientNetSharp.Data.Mixing;
using EfficientNetSharp.Data.Tests.Loading;
using static EfficientNetSharp.Data.Tests.Loading.Samples;

namespace EfficientNetSharp.Data.Tests.Mixing;

/// <summary>The loader mixes what it delivers.</summary>
public sealed class MixedLoadingTests
{
    private static readonly MixingOptions Options = new(0.5, 1, 0.9, 0.5, MixingMode.Element);

    [Theory]
    [InlineData(1, 0, 1)]
    [InlineData(4, 0, 1)]
    [InlineData(3, 1, 2)]
    public void Batches_are_the_plain_ones_mixed_by_their_numbers(int workers, int rank, int world) => WithoutHanging(() =>
    {
        var dataset = Dataset(60, broken: [7, 20, 21]);
        var options = new BatchLoaderOptions
        {
            BatchSize = 7, Training = true, Seed = 5, Workers = workers, Rank = rank, RankCount = world,
            BrokenImages = BrokenImagePolicy.Skip,
        };
        using var loader = new BatchLoader(dataset, new FakeTransform(Shape), options with { Mixing = Options });
        using var plain = new BatchLoader(dataset, new FakeTransform(Shape), options);
        for (int epoch = 0; epoch < 3; epoch++)
        {
            using var expected = plain.Batches(epoch).GetEnumerator();
            int mixed = 0;
            foreach (var batch in loader.Batches(epoch, 0, TestContext.Current.CancellationToken))
            {
                Assert.True(expected.MoveNext());
                using (batch)
                using (var other = expected.Current)
                {
                    int[] second = new int[other.Count];
                    float[] shares = new float[other.Count], images = other.Images.ToArray();
                    new BatchMixer(Options).Mix(images, Shape, other.Labels, second, shares, 5, epoch, other.Number, rank);
                    Assert.Equal(images, batch.Images.ToArray());
                    Assert.Equal(other.Labels, batch.Labels);
                    Assert.Equal(second, batch.SecondLabels);
                    Assert.Equal(shares, batch.FirstShares);
                    Assert.True(other.SecondLabels.IsEmpty && other.FirstShares.IsEmpty);
                    mixed += shares.Count(share => share < 1);
                }
            }

            Assert.False(expected.MoveNext());
            Assert.True(mixed > 0);
        }
    });

    [Fact]
    public void A_run_taken_up_mixes_as_an_unbroken_one() => WithoutHanging(() =>
    {
        using var loader = new BatchLoader(
            Dataset(40), new FakeTransform(Shape),
            new BatchLoaderOptions { BatchSize = 8, Training = true, Workers = 3, Mixing = Options });
        var whole = Run(loader, 4);
        for (int start = 0; start <= whole.Count; start++) AssertEqual(whole[start..], Run(loader, 4, start));
    });

    [Fact]
    public void Evaluation_is_never_mixed_and_wrong_options_are_refused()
    {
        var options = new BatchLoaderOptions { BatchSize = 8, Training = false, Mixing = Options };
        Assert.Throws<ArgumentException>(() => new BatchLoader(Dataset(40), new FakeTransform(Shape), options));
        Assert.Throws<InvalidInputException>(
            () => new BatchLoader(Dataset(40), new FakeTransform(Shape), options with { Training = true, Mixing = new MixingOptions(-1) }));
    }

    [Fact]
    public void A_batch_that_fails_is_not_mixed_but_thrown() => WithoutHanging(() =>
    {
        using var loader = new BatchLoader(
            Dataset(40, broken: [3]), new FakeTransform(Shape),
            new BatchLoaderOptions { BatchSize = 8, Training = true, Workers = 2, Mixing = Options });
        Assert.Throws<InvalidInputException>(() => Run(loader));
    });
}
