using System.Globalization;
using EfficientNetSharp.Evaluation.Reports.Writing;

namespace EfficientNetSharp.Evaluation.Reports.Charts;

/// <summary>Draws into a page. Lengths are in pixels, y grows downwards; colours come from the page's style by class.</summary>
internal sealed class SvgWriter(MarkupWriter markup)
{
    /// <summary>Opens a drawing; disposing the result closes it.</summary>
    /// <param name="width">Its own width; the page may scale it.</param>
    /// <param name="height">Its own height.</param>
    /// <param name="description">What it shows, for those who cannot see it.</param>
    public MarkupWriter.Scope Open(double width, double height, string description) => markup.Open(
        "svg", ("xmlns", "http://www.w3.org/2000/svg"), ("viewBox", $"0 0 {Number(width)} {Number(height)}"),
        ("width", Number(width)), ("height", Number(height)), ("role", "img"), ("aria-label", description));

    /// <summary>
    /// Opens a drawing for a file of its own, with its style and, so that it can be read wherever it is shown, its background.
    /// </summary>
    /// <inheritdoc cref="Open" path="/param" />
    public MarkupWriter.Scope OpenAlone(double width, double height, string description)
    {
        var scope = Open(width, height, description);
        markup.Element("title", description);
        using (markup.Open("style")) markup.Raw("\n" + StyleSheet.ForDrawing);
        Rectangle(0, 0, width, height, "under");
        return scope;
    }

    /// <summary>A rectangle, with a text that shows under the pointer where one is given.</summary>
    public void Rectangle(double x, double y, double width, double height, string style, double opacity = 1, string? tooltip = null)
    {
        (string, string)[] attributes =
        [
            ("x", Number(x)), ("y", Number(y)), ("width", Number(width)), ("height", Number(height)), ("class", style),
            .. opacity < 1 ? [("fill-opacity", Number(opacity))] : Array.Empty<(string, string)>(),
        ];
        if (tooltip is null) markup.Empty("rect", attributes);
        else
        {
            using (markup.Open("rect", attributes)) markup.Element("title", tooltip);
        }
    }

    /// <summary>A straight line.</summary>
    public void Line(double x1, double y1, double x2, double y2, string style) =>
        markup.Empty("line", ("x1", Number(x1)), ("y1", Number(y1)), ("x2", Number(x2)), ("y2", Number(y2)), ("class", style));

    /// <summary>A line through points.</summary>
    public void Polyline(IEnumerable<(double X, double Y)> points, string style) =>
        markup.Empty("polyline", ("points", Join(points)), ("class", style));

    /// <summary>A closed shape through points.</summary>
    public void Polygon(IEnumerable<(double X, double Y)> points, string style, string? tooltip = null)
    {
        using (markup.Open("polygon", ("points", Join(points)), ("class", style)))
        {
            if (tooltip is not null) markup.Element("title", tooltip);
        }
    }

    /// <summary>A circle.</summary>
    public void Circle(double x, double y, double radius, string style, string? tooltip = null)
    {
        using (markup.Open("circle", ("cx", Number(x)), ("cy", Number(y)), ("r", Number(radius)), ("class", style)))
        {
            if (tooltip is not null) markup.Element("title", tooltip);
        }
    }

    /// <summary>Text.</summary>
    /// <param name="x">Where it is anchored.</param>
    /// <param name="y">Its baseline.</param>
    /// <param name="text">The text.</param>
    /// <param name="style">CSS classes.</param>
    /// <param name="anchor"><c>start</c>, <c>middle</c> or <c>end</c>.</param>
    /// <param name="rotation">Degrees clockwise around the anchor.</param>
    /// <param name="tooltip">What shows under the pointer, usually the uncut text.</param>
    public void Text(
        double x, double y, string text, string style = "", string anchor = "start", double rotation = 0, string? tooltip = null)
    {
        List<(string, string)> attributes = [("x", Number(x)), ("y", Number(y))];
        if (style.Length > 0) attributes.Add(("class", style));
        if (anchor != "start") attributes.Add(("text-anchor", anchor));
        if (rotation != 0) attributes.Add(("transform", $"rotate({Number(rotation)} {Number(x)} {Number(y)})"));
        using (markup.Open("text", [.. attributes]))
        {
            markup.Text(text);
            if (tooltip is not null) markup.Element("title", tooltip);
        }
    }

    private static string Join(IEnumerable<(double X, double Y)> points) =>
        string.Join(' ', points.Select(point => $"{Number(point.X)},{Number(point.Y)}"));

    // Hundredths of a pixel are below what can be seen, and keep the file small.
    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);
}
