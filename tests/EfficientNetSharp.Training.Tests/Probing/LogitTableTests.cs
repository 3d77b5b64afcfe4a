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
