using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using EfficientNetSharp.Evaluation.Reports.Charts;
using EfficientNetSharp.Evaluation.Reports.Writing;

namespace EfficientNetSharp.Evaluation.Tests.Reports.Charts;

public sealed class ScatterChartTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    private static readonly ScatterChart Chart = new()
    {
        Description = "What <it> shows",
        XTitle = "cost",
        YTitle = "gain",
        XAxis = AxisKind.Logarithmic,
        Series =
        [
            Series.At(
                0, "first & best", [new(1, 10, "a"), new(10, 20, "b", "b: 20"), new(100, double.NaN), new(1000, 40, "d"), new(2000, 50)]),
            Series.At(1, "second", [new(5, 30), new(0, 35), new(50, 40)]),
        ],
    };

    [Fact]
    public void A_file_carries_its_own_colours_for_light_and_dark()
    {
        var root = XDocument.Parse(Chart.ToSvg()).Root!;
        Assert.Equal(Svg + "svg", root.Name);
        string style = root.Element(Svg + "style")!.Value;
        Assert.DoesNotContain("var(", style, StringComparison.Ordinal);
        Assert.Contains("prefers-color-scheme: dark", style, StringComparison.Ordinal);
        Assert.Equal(2, Regex.Count(style, @"svg \.first \{ color: #[0-9a-f]{6}; \}"));
        Assert.Equal("What <it> shows", root.Element(Svg + "title")!.Value);

        // The background comes before all else that is drawn.
        var background = root.Elements(Svg + "rect").First();
        Assert.Equal("under", background.Attribute("class")!.Value);
        Assert.DoesNotContain(background.ElementsBeforeSelf(), element => element.Name.LocalName is not ("title" or "style"));
        foreach (string side in new[] { "width", "height" }) Assert.Equal(root.Attribute(side)!.Value, background.Attribute(side)!.Value);
    }

    [Fact]
    public void Every_class_of_a_drawing_has_a_style()
    {
        var used = XDocument.Parse(Chart.ToSvg()).Descendants().Attributes("class").SelectMany(name => name.Value.Split(' ')).Distinct();
        Assert.All(used, name => Assert.Matches($@"svg (text)?\.{name} \{{", StyleSheet.ForDrawing));
    }

    [Fact]
    public void In_a_page_the_style_is_the_page_s()
    {
        var page = new MarkupWriter();
        Chart.Write(page);
        Assert.Empty(XDocument.Parse(page.ToString()).Descendants(Svg + "style"));
    }

    [Fact]
    public void Lines_have_gaps_where_a_point_has_no_place_and_points_tell_what_they_are()
    {
        var root = XDocument.Parse(Chart.ToSvg()).Root!;
        int[] Lengths(string style) => [.. root.Elements(Svg + "polyline").Where(line => line.Attribute("class")!.Value == style)
            .Select(line => line.Attribute("points")!.Value.Split(' ').Length)];
        Assert.Equal([2, 2], Lengths("first"));
        Assert.Empty(Lengths("second")); // single points on both sides of the zero, which a logarithmic axis has no place for
        string[] texts = [.. root.Elements(Svg + "text").Select(text => text.Value)];
        foreach (string text in new[] { "first & best", "second", "a", "b", "d", "cost", "gain" }) Assert.Contains(text, texts);
        string[] tooltips = [.. root.Descendants(Svg + "title").Skip(1).Select(title => title.Value)];
        Assert.Equal(["a", "b: 20", "d"], tooltips);
        Assert.DoesNotContain("NaN", root.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("Infinity", root.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Series_differ_in_colour_and_marker()
    {
        var series = Enumerable.Range(0, 20).Select(index => Series.At(index, "", [])).ToArray();
        Assert.Equal(20, series.Select(one => (one.Colour, one.Marker)).Distinct().Count());
        foreach (var (one, next) in series.Zip(series.Skip(1)))
        {
            Assert.NotEqual(one.Colour, next.Colour);
            Assert.NotEqual(one.Marker, next.Marker);
        }
    }

    [Fact]
    public void A_legend_that_is_too_long_wraps_and_stays_above_the_plot()
    {
        var chart = new ScatterChart
        {
            Description = "",
            XTitle = "",
            Series = [.. Enumerable.Range(0, 14).Select(i => Series.At(i, $"a series with a long name {i}", [new(i, i)]))],
        };
        var texts = XDocument.Parse(chart.ToSvg()).Root!.Elements(Svg + "text").ToArray();
        double[] legend = [.. texts.Where(text => text.Value.StartsWith("a series", StringComparison.Ordinal)).Select(Y)];
        Assert.True(legend.Distinct().Count() > 2);
        Assert.True(legend.Max() < texts.Where(text => text.Attribute("text-anchor")?.Value == "end").Min(Y));

        static double Y(XElement text) => double.Parse(text.Attribute("y")!.Value, CultureInfo.InvariantCulture);
    }
}
