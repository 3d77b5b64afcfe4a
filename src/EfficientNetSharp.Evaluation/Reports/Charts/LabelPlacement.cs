namespace EfficientNetSharp.Evaluation.Reports.Charts;

/// <summary>A label's place.</summary>
/// <param name="Box">Where its text stands.</param>
/// <param name="Leader">Where a line from its point ends, where it stands off from it.</param>
internal readonly record struct PlacedLabel(Box Box, (double X, double Y)? Leader);

/// <summary>
/// Finds places for labels one after the other: never over another label, a marker or the edge, over a line only where a label is needed
/// and nothing else is left, and as close to the point as that allows.
/// </summary>
internal sealed class LabelPlacement(Box area)
{
    // Distances from the point that are tried, in pixels; from the second on a line leads to the label.
    private static readonly double[] Rings = [0, 10, 22, 36, 52, 72, 96];

    // Right, the four corners, above, below and left, in the order in which a reader finds them.
    private static readonly (double X, double Y)[] Sides = [(1, 0), (1, -1), (1, 1), (-1, -1), (0, -1), (-1, 1), (0, 1), (-1, 0)];

    // A line through a label hurts more than any distance does, a line under a leader less than a ring.
    private const double RingCost = 10, SideCost = 1, CrossedCost = 80, LeaderCrossedCost = 6;

    // Three rings away, or nearer with a leader over a line; a label that needs more is better left out.
    private const double MaxOptionalCost = 38;

    private readonly List<Box> _blocked = [];
    private readonly List<((double X, double Y) From, (double X, double Y) To)> _lines = [];
    private readonly List<Box> _labels = [];

    /// <summary>No label may stand here.</summary>
    public void Block(Box box) => _blocked.Add(box);

    /// <summary>No label should lie over this line.</summary>
    public void Avoid((double X, double Y) from, (double X, double Y) to) => _lines.Add((from, to));

    /// <summary>Places a label; <see langword="null"/> where there is no room.</summary>
    /// <param name="width">Width of its text in pixels.</param>
    /// <param name="height">Its font's size in pixels.</param>
    /// <param name="x">Its point.</param>
    /// <param name="y">Its point.</param>
    /// <param name="clearance">From the point to the label at the least.</param>
    /// <param name="needed">Whether a place over lines is better than none.</param>
    public PlacedLabel? Place(double width, double height, double x, double y, double clearance, bool needed)
    {
        PlacedLabel? best = null;
        double cost = needed ? double.PositiveInfinity : MaxOptionalCost;
        foreach (var (ring, distance) in Rings.Index())
        {
            foreach (var (side, (sx, sy)) in Sides.Index())
            {
                // Corners are further away by nature.
                double off = clearance + (sx != 0 && sy != 0 ? (0.7 * distance) - 2 : distance);
                double left = sx > 0 ? x + off : sx < 0 ? x - off - width : x - (width / 2);
                // Above and below its point a long label may slide along the edge.
                if (sy != 0) left = Math.Clamp(left, area.Left, Math.Max(area.Left, area.Right - width));
                double top = sy > 0 ? y + off : sy < 0 ? y - off - height : y - (height / 2);
                var box = new Box(left, top, left + width, top + height);
                var label = new PlacedLabel(box, ring == 0 ? null : box.Nearest(x, y));
                if (!Fits(label, x, y)) continue;
                double price = (ring * RingCost) + (side * SideCost) + Crossings(label, x, y);
                if (price < cost) (best, cost) = (label, price);
            }
        }

        if (best is { } placed)
        {
            // Letters that nearly touch read as one word.
            _labels.Add(new Box(placed.Box.Left - 4, placed.Box.Top - 2, placed.Box.Right + 4, placed.Box.Bottom + 2));
            if (placed.Leader is { } end) _lines.Add(((x, y), end));
        }

        return best;
    }

    private bool Fits(PlacedLabel label, double x, double y) =>
        area.Holds(label.Box) && !_blocked.Exists(label.Box.Overlaps) && !_labels.Exists(label.Box.Overlaps)
        && (label.Leader is not { } end || !_labels.Exists(other => other.Touches((x, y), end)));

    private double Crossings(PlacedLabel label, double x, double y)
    {
        double cost = 0;
        foreach (var (from, to) in _lines)
        {
            if (label.Box.Touches(from, to)) cost += CrossedCost;
            // Lines that start in the point itself are not crossed.
            else if (label.Leader is { } end && from != (x, y) && to != (x, y) && Cross((x, y), end, from, to)) cost += LeaderCrossedCost;
        }

        return cost;
    }

    private static bool Cross((double X, double Y) a, (double X, double Y) b, (double X, double Y) c, (double X, double Y) d)
    {
        return Turn(a, b, c) != Turn(a, b, d) && Turn(c, d, a) != Turn(c, d, b);

        static bool Turn((double X, double Y) p, (double X, double Y) q, (double X, double Y) r) =>
            ((q.X - p.X) * (r.Y - p.Y)) - ((q.Y - p.Y) * (r.X - p.X)) > 0;
    }
}
