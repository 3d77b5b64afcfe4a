using System.Collections.Immutable;

namespace EfficientNetSharp.Evaluation.Reports.Charts;

/// <summary>How the points of a series are joined.</summary>
internal enum LineStyle
{
    None,
    Dotted,
    Thin,
    Normal,
    Strong,
}

/// <summary>What stands at the points of a series.</summary>
internal enum MarkerShape
{
    None,
    Circle,
    Square,
    Diamond,
    Triangle,
    Ring,
}

/// <summary>A point of a series.</summary>
/// <param name="X">Its place on the x axis.</param>
/// <param name="Y">Its place on the y axis; one that is not finite leaves a gap.</param>
/// <param name="Label">What stands beside it where there is room.</param>
/// <param name="Tooltip">What shows under the pointer.</param>
internal readonly record struct ChartPoint(double X, double Y, string? Label = null, string? Tooltip = null);

/// <summary>Points that belong together.</summary>
/// <param name="Name">What the legend calls it; without a name it is not there.</param>
/// <param name="Colour">The style's class for its colour: <c>first</c> to <c>tenth</c>.</param>
/// <param name="Points">Points in the order in which they are joined.</param>
internal sealed record Series(string? Name, string Colour, ImmutableArray<ChartPoint> Points)
{
    private static readonly string[] Colours =
        ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"];

    private static readonly MarkerShape[] Shapes = [MarkerShape.Circle, MarkerShape.Square, MarkerShape.Diamond, MarkerShape.Triangle];

    public LineStyle Line { get; init; } = LineStyle.Normal;

    public MarkerShape Marker { get; init; } = MarkerShape.Circle;

    /// <summary>
    /// A series with the colour and the marker of its place among others. The first twenty differ, and neighbours do in both, for
    /// those who cannot tell colours apart.
    /// </summary>
    public static Series At(int index, string name, ImmutableArray<ChartPoint> points) => new(name, Colours[index % Colours.Length], points)
    {
        Marker = Shapes[index % Shapes.Length],
    };
}
