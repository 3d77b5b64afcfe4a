using System.Text.Json.Nodes;
using EfficientNetSharp.Evaluation.Reports.Latency;
using EfficientNetSharp.Evaluation.Reports.Paper;

namespace EfficientNetSharp.Cli.Support;

/// <summary>Rows of the paper's tables for programs. Accuracies are in per cent; what is not known is null.</summary>
internal static class PaperTableJson
{
    public static JsonObject Of(ImageNetRow row, ImageNetRow first) => new()
    {
        ["group"] = first.Paper.Name,
        ["network"] = row.Paper.Name,
        ["architecture"] = row.Paper.Architecture,
        ["paperTop1"] = row.Paper.Top1,
        ["paperTop5"] = row.Paper.Top5,
        ["paperParameters"] = row.Paper.Parameters,
        ["paperParameterRatio"] = row.Paper.ParameterRatio,
        ["paperFlops"] = row.Paper.Flops,
        ["paperFlopsRatio"] = row.Paper.FlopsRatio,
        ["parameters"] = row.Parameters,
        ["parameterRatio"] = row.ParameterRatio,
        ["macs"] = row.Macs,
        ["macRatio"] = row.MacRatio,
        ["weights"] = row.Published.FirstOrDefault()?.Name,
        ["top1"] = row.Published.FirstOrDefault()?.Top1,
        ["top5"] = row.Published.FirstOrDefault()?.Top5,
        ["published"] = new JsonArray([.. row.Published.Select(weights => new JsonObject
        {
            ["name"] = weights.Name, ["resolution"] = weights.Resolution, ["top1"] = weights.Top1, ["top5"] = weights.Top5,
        })]),
    };

    public static IEnumerable<JsonObject> Of(CpuLatencyRow row)
    {
        var paper = row.Paper;
        yield return Of(paper.Baseline, paper.BaselineArchitecture, paper.BaselineTop1, paper.BaselineSeconds, row.Baseline);
        var network = Of(paper.Network, paper.Architecture, paper.Top1, paper.Seconds, row.Network);
        (network["comparedWith"], network["paperSpeedup"], network["speedup"], network["onnxRuntimeSpeedup"]) =
            (paper.Baseline, paper.Speedup, row.Speedup, row.OnnxRuntimeSpeedup);
        yield return network;
    }

    public static IEnumerable<JsonObject> Of(PaperTransfer row) =>
        [Of(row, row.Public), Of(row, row.EfficientNet, row.Ratio), Of(row, row.Best), Of(row, row.BestEfficientNet, row.BestRatio)];

    public static JsonObject Of(TransferRun run) => new()
    {
        ["from"] = "own",
        ["result"] = run.Name,
        ["set"] = run.Set?.Dataset,
        ["data"] = run.Data,
        ["classes"] = run.Classes,
        ["network"] = run.Network,
        ["top1"] = 100 * run.Top1,
        ["parameters"] = run.Parameters,
        ["weightsFrom"] = run.Start,
        ["judgedBy"] = run.JudgedBy,
        ["judgedImages"] = run.TestImages,
        ["isTestPart"] = run.IsTestPart,
    };

    private static JsonObject Of(string name, string? architecture, double top1, double seconds, LatencyPoint? measured) => new()
    {
        ["network"] = name,
        ["architecture"] = architecture,
        ["paperTop1"] = top1,
        ["paperMs"] = Math.Round(seconds * 1e3, 3),
        ["engineMs"] = measured?.EngineMs,
        ["onnxRuntimeMs"] = measured?.OnnxRuntimeMs,
        ["comparedWith"] = null,
        ["paperSpeedup"] = null,
        ["speedup"] = null,
        ["onnxRuntimeSpeedup"] = null,
    };

    private static JsonObject Of(PaperTransfer row, TransferResult result, double? ratio = null) => new()
    {
        ["from"] = "paper",
        ["result"] = null,
        ["set"] = row.Dataset,
        ["data"] = null,
        ["classes"] = row.Classes,
        ["network"] = result.Network,
        ["top1"] = result.Top1,
        ["parameters"] = TransferTable.CountedOf(result),
        ["paperParameters"] = result.Parameters,
        ["paperParameterRatio"] = ratio,
        ["trainImages"] = row.TrainImages,
        ["testImages"] = row.TestImages,
    };
}
