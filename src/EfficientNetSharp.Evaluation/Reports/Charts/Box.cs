namespace EfficientNetSharp.Evaluation.Reports.Charts;

/// <summary>A rectangle in pixels; y grows downwards.</summary>
internal readonly record struct Box(double Left, double Top, double Right, double Bottom)
{
    public static Box Around(double x, double y, double radius) => new(x - radius, y - radius, x + radius, y + radius);

    public bool Holds(Box other) => other.Left >= Left && other.Right <= Right && other.Top >= Top && other.Bottom <= Bottom;

    public bool Overlaps(Box other) => other.Left < Right && other.Right > Left && other.Top < Bottom && other.Bottom > Top;

    /// <summary>The point of the box that is nearest to another.</summary>
    public (double X, double Y) Nearest(double x, double y) => (Math.Clamp(x, Left, Right), Math.Clamp(y, Top, Bottom));

    /// <summary>Whether a line between two points touches the box (Liang and Barsky 1984).</summary>
    public bool Touches((double X, double Y) from, (double X, double Y) to)
    {
        double enter = 0, leave = 1, dx = to.X - from.X, dy = to.Y - from.Y;
        return Clip(-dx, from.X - Left, ref enter, ref leave) && Clip(dx, Right - from.X, ref enter, ref leave)
            && Clip(-dy, from.Y - Top, ref enter, ref leave) && Clip(dy, Bottom - from.Y, ref enter, ref leave);
    }

    // Narrows the part of the line on the inner side of one edge; false where nothing is left.
    private static bool Clip(double direction, double distance, ref double enter, ref double leave)
    {
        if (direction == 0) return distance >= 0;
        double at = distance / direction;
        if (direction < 0) enter = Math.Max(enter, at);
        else leave = Math.Min(leave, at);
        return enter <= leave;
    }
}
