using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Evaluation.Reports;
using EfficientNetSharp.Training.Runs;

namespace EfficientNetSharp.Training.Tests.Runs;

public sealed class KeptEpochTests
{
    private static readonly double?[] Losses = [null, double.NaN, 1, 2];

    private static readonly Measure Error = new("error", "error") { HigherIsBetter = false, IsShare = false };

    [Fact]
    public void Better_scores_come_first_whichever_way_is_better()
    {
        Assert.Equal([3, 1, 2], Order(Measure.Top1, (0.5, 1), (0.25, 0.1), (0.75, 2)));
        Assert.Equal([2, 1, 3], Order(Error, (0.5, 1), (0.25, 2), (0.75, 0.1)));
    }

    [Fact]
    public void Ties_go_to_the_lower_tie_breaker_and_then_to_the_earlier() =>
        Assert.Equal([2, 1, 4, 3], Order(Measure.Top1, (0.5, 1), (0.5, 0.5), (0.5, null), (0.5, 1)));

    [Fact]
    public void What_is_not_a_number_is_never_the_best()
    {
        Assert.Equal([2, 1], Order(Measure.Top1, (double.NaN, 0), (0, 1)));
        Assert.Equal([2, 1], Order(Error, (double.NaN, 0), (1e9, 1)));
    }

    [Fact]
    public void The_first_is_the_one_that_reports_name() =>
        Gen.Select(Gen.Bool.Select(high => high ? 0.75 : 0.5), Gen.Int[0, 3].Select(index => Losses[index])).Array[1, 12].Sample(epochs =>
            Assert.Equal(
                EpochOrder.Best(epochs.Select((one, i) => new EpochRecord(i + 1, 1, one.Item2, one.Item1, 0.1)), Measure.Top1)!.Epoch,
                Order(Measure.Top1, epochs).First()));

    [Fact]
    public void No_more_are_kept_than_wanted() =>
        Assert.Equal([2], KeptEpoch.Best([new KeptEpoch(1, 0.5, null)], new KeptEpoch(2, 0.75, null), Measure.Top1,
            1).Select(one => one.Epoch));

    private static IEnumerable<int> Order(Measure measure, params (double Score, double? TieBreaker)[] epochs) => epochs.Index()
        .Aggregate(System.Collections.Immutable.ImmutableArray<KeptEpoch>.Empty, (kept, next) =>
            KeptEpoch.Best(kept, new KeptEpoch(next.Index + 1, next.Item.Score, next.Item.TieBreaker), measure, epochs.Length))
        .Select(one => one.Epoch);
}
