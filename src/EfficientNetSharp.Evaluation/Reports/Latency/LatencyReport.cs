using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using EfficientNetSharp.Evaluation.Reports.Charts;
using EfficientNetSharp.Evaluation.Reports.Writing;

namespace EfficientNetSharp.Evaluation.Reports.Latency;

/// <summary>A network's measured latency beside its published accuracy.</summary>
/// <param name="Name">The registered name.</param>
/// <param name="Family">The family; a line of the plot.</param>
/// <param name="Resolution">Side of the input in pixels.</param>
/// <param name="Macs">Multiply-adds per image.</param>
/// <param name="EngineMs">Median time of an image on the engine, in milliseconds.</param>
/// <param name="OnnxRuntimeMs">The same on ONNX Runtime; <see langword="null"/> where it was not measured.</param>
/// <param name="Top1">Published top-1 accuracy in per cent; <see langword="null"/> where none is published for it.</param>
public sealed record LatencyPoint(
    string Name, string Family, int Resolution, long Macs, double EngineMs, double? OnnxRuntimeMs, double? Top1);

/// <summary>
/// The EfficientNet paper's Table 4 for all networks on the machine at hand: the latency of one image, and published accuracy
/// over it.
/// </summary>
/// <param name="Points">The networks, in the order of the table.</param>
/// <param name="Machine">What it was measured on, in one line.</param>
public sealed record LatencyReport(ImmutableArray<LatencyPoint> Points, string Machine)
{
    /// <summary>
    /// How many times as long ResNet-152 takes as EfficientNet-B1, 5.7 on the paper's processor; <see langword="null"/> where one of
    /// the two is missing.
    /// </summary>
    public double? ResNetOverB1 =>
        Find("resnet152") is { } resnet && Find("efficientnet_b1") is { } b1 ? resnet.EngineMs / b1.EngineMs : null;

    /// <summary>Writes <c>latency.md</c> and, where a network has a published accuracy, <c>latency.svg</c>.</summary>
    /// <returns>The files.</returns>
    /// <exception cref="InvalidInputException">The folder or a file in it cannot be written.</exception>
    public ImmutableArray<string> Write(string folder) =>
        Plot() is { } plot
            ? ReportFolder.Write(folder, ("latency.md", ToMarkdown()), ("latency.svg", plot.ToSvg()))
            : ReportFolder.Write(folder, ("latency.md", ToMarkdown()));

    /// <summary>The table as Markdown.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder(Machine).Append("\n\n")
            .Append("| network | pixels | GMACs | engine ms | ONNX Runtime ms | ratio | published top-1 |\n|---|--:|--:|--:|--:|--:|--:|\n");
        foreach (var point in Points)
        {
            string onnx = point.OnnxRuntimeMs is { } ms ? ms.ToString("F1", CultureInfo.InvariantCulture) : "–";
            string ratio = point.OnnxRuntimeMs is { } other ? (other / point.EngineMs).ToString("F2", CultureInfo.InvariantCulture) : "–";
            string top1 = point.Top1 is { } accuracy ? accuracy.ToString("F1", CultureInfo.InvariantCulture) + " %" : "–";
            text.Append(CultureInfo.InvariantCulture,
                $"| `{point.Name}` | {point.Resolution} | {point.Macs / 1e9:F3} | {point.EngineMs:F1} | ")
                .Append(CultureInfo.InvariantCulture, $"{onnx} | {ratio} | {top1} |\n");
        }

        return text.ToString();
    }

    private LatencyPoint? Find(string name) => Points.FirstOrDefault(point => point.Name == name);

    // A line per family. The same network with weights of several sources is one point, with the most accurate of them.
    private ScatterChart? Plot()
    {
        var families = Points.Where(point => point.Top1 is not null)
            .GroupBy(point => (point.Family, point.Resolution, point.Macs))
            .Select(twins => twins.MaxBy(point => point.Top1)!)
            .GroupBy(point => point.Family)
            .ToList();
        return families.Count == 0 ? null : new ScatterChart
        {
            Description = $"Published top-1 accuracy against the measured latency of an image. {Machine}",
            XTitle = "latency of an image on the engine (ms, logarithmic)",
            YTitle = "ImageNet top-1 accuracy (%), published",
            XAxis = AxisKind.Logarithmic,
            // A screen's width and a bit higher than other charts: dozens of names are to find room.
            Width = 960,
            Height = 640,
            Series =
            [
                .. families.Select((family, index) => Series.At(index, family.Key, Line([.. family.OrderBy(point => point.EngineMs)]))),
            ],
        };
    }

    // The ends bear the whole name, so that a line can be read without the legend; between them what tells its points apart is enough.
    private static ImmutableArray<ChartPoint> Line(ImmutableArray<LatencyPoint> family) =>
    [
        .. family.Select((point, index) => new ChartPoint(
            point.EngineMs, point.Top1!.Value,
            index == 0 || index == family.Length - 1 ? NetworkNames.Plain(point.Name) : NetworkNames.WithinFamily(point.Name, point.Family),
            $"{point.Name}: {Numbers.Fixed(point.EngineMs, 1)} ms, {Numbers.Fixed(point.Top1.Value, 1)} %")),
    ];
}
