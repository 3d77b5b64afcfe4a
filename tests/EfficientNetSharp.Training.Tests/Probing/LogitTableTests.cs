using EfficientNetSharp.Training.Probing;

namespace EfficientNetSharp.Training.Tests.Probing;

public sealed class LogitTableTests
{
    // Images 4, 7, 9 and 2; of the third's classes two are equal, and the first counts.
    private static readonly LogitTable Table = new([4, 7, 9, 2], [0, 2, 1, 1], [3, 1, 2, 0, 5, 1, 0, 2, 2, 2, 2, 1]);

    [Fact]
    public void The_greatest_value_is_the_answer_and_of_equal_ones_the_first()
    {
        bool[] right = Table.AreRight();
        Assert.Equal([true, false, true, false], right);
        Assert.Equal(right.Count(one => one) / 4.0, Table.Measure(["a", "b", "c"]).Top1);
    }

    // Of ten images that only one of two names rightly a lead of four is more than √10, of two less; a lead of one may be chance.
    [Theory]
    [InlineData(7, 3, true)]
    [InlineData(6, 4, false)]
    [InlineData(3, 7, false)]
    [InlineData(2, 0, true)]
    [InlineData(1, 0, false)]
    [InlineData(0, 0, false)]
    public void Better_by_more_than_chance_is_the_root_of_the_images_that_differ(int wins, int losses, bool expected)
    {
        // The others are named alike, five rightly and five not.
        bool[] first = [.. Enumerable.Repeat(true, wins), .. Enumerable.Repeat(false, losses), .. Alike];
        bool[] second = [.. Enumerable.Repeat(false, wins), .. Enumerable.Repeat(true, losses), .. Alike];
        Assert.Equal(expected, Named(first).IsClearlyBetter(Named(second)));
    }

    private static IEnumerable<bool> Alike => Enumerable.Range(0, 10).Select(i => i % 2 == 0);

    private static LogitTable Named(bool[] rightly) => new(
        [.. Enumerable.Range(0, rightly.Length)], [.. rightly.Select(_ => 0)], [.. rightly.SelectMany(right => right ? new float[] { 1, 0 } : [0, 1])]);

    [Fact]
    public void Rows_of_some_images_keep_their_order()
    {
        var some = Table.Of(new HashSet<int> { 2, 7, 5 });
        Assert.Equal([7, 2], some.Images);
        Assert.Equal([2, 1], some.Labels);
        Assert.Equal([0, 5, 1, 2, 2, 1], some.Logits);
        Assert.Empty(LogitTable.Empty.Of(new HashSet<int> { 1 }).Images);
    }
}
