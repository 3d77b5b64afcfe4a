namespace EfficientNetSharp.Evaluation.Tests;

public sealed class MeasureTests
{
    [Fact]
    public void Names_are_members_of_JSON_objects()
    {
        Assert.Equal("validationTop1", Measure.Top1.JsonName("validation"));
        Assert.Equal("trainRecallAt1", new Measure("recall_at_1", "recall@1").JsonName("train"));
    }

    [Fact]
    public void Shares_are_shown_in_per_cent_and_other_numbers_as_they_are()
    {
        Assert.Equal("87.50 %", Measure.Top1.Format(0.875));
        Assert.Equal("0.8750", (Measure.Top1 with { IsShare = false }).Format(0.875));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_better_value_comes_first_and_what_was_not_measured_last(bool higher)
    {
        var measure = Measure.Top1 with { HigherIsBetter = higher };
        double?[] order = [.. new double?[] { null, 1, double.NaN, 3, 2 }.OrderBy(measure.OrderOf)];
        Assert.Equal(higher ? [3, 2, 1] : [1, 2, 3], order[..3]);
    }
}
