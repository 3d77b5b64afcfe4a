using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using EfficientNetSharp.Evaluation.Reports.Scaling;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Evaluation.Reports.Latency;

/// <summary>A network's measured latency beside its published accuracy.</summary>
/// <param name="Name">The registered name.</param>
/// <param name="Family">The family; a line of the plot.</param>
/// <param name="Resolution">Side of the input in pixels.</param>
/// <param name="Macs">Multiply-adds of an image.</param>
/// <param name="EngineMs">Median time of an image on the engine, in milliseconds.</param>
/// <param name="OnnxRuntimeMs">The same on ONNX Runtime; <see langword="null"/> where it was not measured.</param>
/// <param name="Top1">Published top-1 accuracy in per cent; <see langword="null"/> where none is published for it.</param>
public sealed record LatencyPoint(string Name, string Family, int Resolution, long Macs, double EngineMs, double? OnnxRuntimeMs, double? Top1);

/// <summary>
/// What the EfficientNet paper's Table 4 says for one old processor, for all networks on this one: latency of an image, and
/// published accuracy over it.
/// </summary>
/// <param name="Points">The networks, in the order of the table.</param>
/// <param name="Machine">What it was measured on, a line.</param>
public sealed record LatencyReport(ImmutableArray<LatencyPoint> Points, string Machine)
{
    // Okabe and Ito's colours, which people with any kind of colour vision tell apart.
    private static readonly string[] Colours = ["#D55E00", "#0072B2", "#009E73", "#A0478A", "#5A6673", "#B8860B", "#56B4E9", "#222222"];

    /// <summary>How many times as long ResNet-152 takes as EfficientNet-B1, which the paper says is 5.7 on one old core; <see langword="null"/> where one is missing.</summary>
    public double? ResNetOverB1 => Find("resnet152") is { } resnet && Find("efficientnet_b1") is { } b1 ? resnet.EngineMs / b1.EngineMs : null;

    /// <summary>Writes <c>latency.md</c> and, where the machine has a font, <c>latency.png</c> and <c>latency.svg</c>.</summary>
    /// <returns>The files.</returns>
    /// <exception cref="InvalidInputException">The folder or a file in it cannot be written.</exception>
    public ImmutableArray<string> Write(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Directory.CreateDirectory(folder);
        string table = Path.Combine(folder, "latency.md");
        AtomicFile.WriteText(table, ToMarkdown());
        if (Draw() is not { } plot) return [table];
        string png = Path.Combine(folder, "latency.png"), svg = Path.Combine(folder, "latency.svg");
        AtomicFile.Write(png, stream => stream.Write(plot.Png));
        AtomicFile.WriteText(svg, plot.Svg);
        return [table, png, svg];
    }

    /// <summary>The table as Markdown.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder($"{Machine}\n\n| network | pixels | GMACs | engine ms | ONNX Runtime ms | ratio | published top-1 |\n|---|--:|--:|--:|--:|--:|--:|\n");
        foreach (var point in Points)
        {
            string onnx = point.OnnxRuntimeMs is { } ms ? ms.ToString("F1", CultureInfo.InvariantCulture) : "–";
            string ratio = point.OnnxRuntimeMs is { } other ? (other / point.EngineMs).ToString("F2", CultureInfo.InvariantCulture) : "–";
            string top1 = point.Top1 is { } accuracy ? accuracy.ToString("F1", CultureInfo.InvariantCulture) + " %" : "–";
            text.Append(CultureInfo.InvariantCulture, $"| `{point.Name}` | {point.Resolution} | {point.Macs / 1e9:F3} | {point.EngineMs:F1} | {onnx} | {ratio} | {top1} |\n");
        }

        return text.ToString();
    }

    private LatencyPoint? Find(string name) => Points.FirstOrDefault(point => point.Name == name);

    // A line a family, its ends named; none where the machine has no font.
    private ScalingPlot? Draw()
    {
        var drawn = Points.Where(point => point.Top1 is not null).ToList();
        if (PlotFont.Name is null || drawn.Count == 0) return null;
        var (low, high) = (drawn.Min(point => point.EngineMs), drawn.Max(point => point.EngineMs));
        double[] ticks = [.. new double[] { 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000 }.Where(tick => tick >= low / 2 && tick <= high * 2)];
        using var chart = new ScatterChart(
            "Latency of an image (ms, logarithmic), engine", "ImageNet top-1 accuracy (%), published", logarithmic: true,
            (low / 1.6, high * 2.4), (Math.Floor(drawn.Min(point => point.Top1!.Value)) - 1, Math.Ceiling(drawn.Max(point => point.Top1!.Value)) + 1)) { XTicks = ticks };
        foreach (var (index, family) in drawn.GroupBy(point => point.Family).Index())
        {
            string colour = Colours[index % Colours.Length];
            var points = family.OrderBy(point => point.EngineMs).ToList();
            chart.Line(points.Select(point => (point.EngineMs, point.Top1!.Value)), colour, strong: family.Key == "EfficientNet");
            foreach (var point in points) chart.Marker(point.EngineMs, point.Top1!.Value, colour);

            // To the right of the slowest there is no room.
            var side = points[^1].EngineMs > high / 2 ? LabelSide.UpperLeft : LabelSide.Right;
            chart.Label(points[^1].Name, points[^1].EngineMs, points[^1].Top1!.Value, colour, side);
            if (points.Count > 1 && family.Key == "EfficientNet") chart.Label(points[0].Name, points[0].EngineMs, points[0].Top1!.Value, colour, LabelSide.LowerRight);
        }

        return chart.Render("latency", "Accuracy and latency (Table 4)", $"Published top-1 accuracy against the measured latency of an image. {Machine}");
    }
}
