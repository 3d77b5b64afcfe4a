using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Costs;
using EfficientNetSharp.Evaluation.Reports.Scaling;
using EfficientNetSharp.Evaluation.Reports.Writing;

namespace EfficientNetSharp.Evaluation.Reports.Paper;

/// <summary>A result of one's own to stand beside Table 5.</summary>
/// <param name="Name">The run's folder or the result's file.</param>
/// <param name="Data">The path or name of the data.</param>
/// <param name="Classes">How many classes they have.</param>
/// <param name="Network">The network, as far as it is known.</param>
/// <param name="Parameters">Its parameters without the classifier; <see langword="null"/> where they are not known.</param>
/// <param name="Start">Where its weights came from; <see langword="null"/> where that is not known.</param>
/// <param name="Top1">Top-1 accuracy, 0 to 1.</param>
/// <param name="JudgedBy">What images judged it, in words.</param>
/// <param name="TestImages">How many images judged it, where they were not the training's own; <see langword="null"/> otherwise.</param>
public sealed record TransferRun(
    string Name, string Data, int Classes, string Network, long? Parameters, string? Start, double Top1, string JudgedBy, int? TestImages)
{
    /// <summary>The set of the paper that it is of; <see langword="null"/> for another.</summary>
    public PaperTransfer? Set => PaperTransfer.Find(Data, Classes);

    /// <summary>Whether it was judged by as many images as the paper's test part has.</summary>
    public bool IsTestPart => Set is { } set && TestImages == set.TestImages;
}

/// <summary>The EfficientNet paper's Table 5, transfer to eight sets, beside results of one's own.</summary>
/// <param name="Runs">The results; none for the paper's figures alone.</param>
public sealed record TransferTable(ImmutableArray<TransferRun> Runs)
{
    private const string Lead =
        "Top-1 accuracy on the sets' test parts. The paper counts parameters without the classifier; ours are exact, in brackets behind "
        + "the paper's.";

    private const string RunsLead =
        "A result is of one of the paper's sets where the data's folder has its name and the number of classes is the set's. Only a result "
        + "on as many images as the test part has compares with the paper's; one on a part set aside from the training images does not, "
        + "nor one of another set.";

    /// <summary>The page.</summary>
    public PaperReport ToReport() => new("table5", "The paper's Table 5: transfer to other sets", Lead,
    [
        new ScalingTable("The eight sets", "",
            [
                "set", "public model", "EfficientNet", "best reported", "EfficientNet beside it", "classes", "train", "test",
                "public", "EfficientNet there", "ratio", "best", "EfficientNet best", "best ratio", "own best on the test part",
            ],
            [.. PaperTransfer.Table5.Select(Cells), Means()], 5),
        .. Runs.IsEmpty ? Array.Empty<ScalingTable>() : [OwnRuns()],
    ]);

    private static string Named(TransferResult result)
    {
        if (result.Parameters is not { } printed) return result.Network;
        string text = PaperReport.Printed(printed, 1e6, "M");
        return CountedOf(result) is { } counted ? $"{result.Network}, {text} ({Numbers.Whole(counted)})" : $"{result.Network}, {text}";
    }

    /// <summary>
    /// Parameters that we count for a network of the table without its classifier; <see langword="null"/> for one that is not registered.
    /// </summary>
    /// <param name="result">The network.</param>
    public static long? CountedOf(TransferResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        string name = result.Network switch
        {
            "NASNet-A" => "nasnetalarge",
            var other => other.Replace("EfficientNet-", "efficientnet_", StringComparison.Ordinal)
                .Replace("-", "", StringComparison.Ordinal).ToLowerInvariant(),
        };
        return ArchitectureRegistry.Find(name) is { } architecture
            ? GraphCosts.Of(architecture.Build(new BuildOptions { Classes = 0 })).Parameters : null;
    }

    private ImmutableArray<string> Cells(PaperTransfer row)
    {
        var best = Runs.Where(run => run.Set == row && run.IsTestPart).MaxBy(run => run.Top1);
        return
        [
            row.Dataset, Named(row.Public), Named(row.EfficientNet), Named(row.Best), Named(row.BestEfficientNet),
            Numbers.Whole(row.Classes), Numbers.Whole(row.TrainImages), Numbers.Whole(row.TestImages),
            PaperReport.PerCent(row.Public.Top1), PaperReport.PerCent(row.EfficientNet.Top1), PaperReport.Times(row.Ratio),
            PaperReport.PerCent(row.Best.Top1), PaperReport.PerCent(row.BestEfficientNet.Top1), PaperReport.Times(row.BestRatio),
            best is null ? PaperReport.None : $"{PaperReport.PerCent(100 * best.Top1)} {best.Network}",
        ];
    }

    private static ImmutableArray<string> Means() =>
    [
        "geometric mean", "", "", "", "", "", "", "", "", "", PaperReport.Times(PaperTransfer.MeanRatios.Public), "", "",
        PaperReport.Times(PaperTransfer.MeanRatios.Best), "",
    ];

    private ScalingTable OwnRuns() => new("Own results", RunsLead,
        ["result", "set", "data", "network", "weights from", "judged by", "classes", "parameters", "top-1", "paper's EfficientNets"],
        [.. Runs.Select(run => ImmutableArray.Create(
            run.Name, run.Set?.Dataset ?? "another", run.Data, run.Network, run.Start ?? PaperReport.None,
            run.IsTestPart ? $"{run.JudgedBy}, as many as the test part" : run.JudgedBy,
            Numbers.Whole(run.Classes), run.Parameters is { } parameters ? Numbers.Whole(parameters) : PaperReport.None,
            Numbers.Fixed(100 * run.Top1, 2) + " %",
            run.Set is { } set ? $"{PaperReport.PerCent(set.EfficientNet.Top1)} / {PaperReport.PerCent(set.BestEfficientNet.Top1)}"
                : PaperReport.None))], 6);
}
