using EfficientNetSharp.Evaluation.Reports.Charts;

namespace EfficientNetSharp.Evaluation.Tests.Reports.Charts;

public sealed class LabelPlacementTests
{
    private static readonly Box Area = new(60, 30, 860, 500);

    [Fact]
    public void Labels_lie_within_the_area_and_over_no_marker_and_no_other_label() =>
        Gen.Select(Gen.Double[60, 860], Gen.Double[30, 500], Gen.Double[10, 160]).Array[0, 60].Sample(points =>
        {
            var placement = new LabelPlacement(Area);
            Box[] markers = [.. points.Select(point => Box.Around(point.Item1, point.Item2, 5))];
            foreach (var marker in markers) placement.Block(marker);
            foreach (var ((x1, y1, _), (x2, y2, _)) in points.Zip(points.Skip(1))) placement.Avoid((x1, y1), (x2, y2));
            var placed = new List<Box>();
            foreach (var (x, y, width) in points)
            {
                if (placement.Place(width, 12, x, y, 7, needed: true) is not { Box: var box }) continue;
                Assert.Equal(width, box.Right - box.Left, 1e-9);
                Assert.Equal(12, box.Bottom - box.Top, 1e-9);
                Assert.True(Area.Holds(box));
                Assert.DoesNotContain(markers, box.Overlaps);
                Assert.DoesNotContain(placed, box.Overlaps);
                placed.Add(box);
            }
        });

    [Fact]
    public void A_lone_label_stands_to_the_right_of_its_point_and_at_the_right_edge_elsewhere()
    {
        Assert.Equal(new Box(407, 194, 457, 206), new LabelPlacement(Area).Place(50, 12, 400, 200, 7, needed: true)!.Value.Box);
        var atEdge = new LabelPlacement(Area).Place(50, 12, 858, 200, 7, needed: true)!.Value;
        Assert.True(atEdge.Box.Right <= 860);
        Assert.Null(atEdge.Leader);
    }

    [Fact]
    public void A_label_keeps_off_a_line_where_it_can()
    {
        var placement = new LabelPlacement(Area);
        placement.Avoid((100, 200), (800, 200));
        var box = placement.Place(50, 12, 400, 200, 7, needed: true)!.Value.Box;
        Assert.False(box.Touches((100, 200), (800, 200)));
    }

    [Fact]
    public void A_label_that_may_be_left_out_is_where_it_would_lie_over_lines()
    {
        var placement = new LabelPlacement(Area);
        for (int y = 0; y < 600; y += 5) placement.Avoid((0, y), (900, y));
        Assert.Null(placement.Place(50, 12, 400, 200, 7, needed: false));
        Assert.NotNull(placement.Place(50, 12, 400, 200, 7, needed: true));
    }

    [Fact]
    public void A_line_touches_a_box_when_one_of_its_points_lies_in_it() =>
        Gen.Double[0, 10].Array[4].Sample(ends =>
        {
            var box = new Box(3, 4, 7, 6);
            var (from, to) = ((X: ends[0], Y: ends[1]), (X: ends[2], Y: ends[3]));
            bool inside = Enumerable.Range(0, 2001).Select(i => i / 2000.0).Any(t =>
                from.X + (t * (to.X - from.X)) is >= 3 and <= 7 && from.Y + (t * (to.Y - from.Y)) is >= 4 and <= 6);
            // Points of the line are half a hundredth apart: only a graze of the corners can be missed.
            var smaller = new Box(3.01, 4.01, 6.99, 5.99);
            if (inside) Assert.True(box.Touches(from, to));
            else Assert.False(smaller.Touches(from, to));
        });
}
