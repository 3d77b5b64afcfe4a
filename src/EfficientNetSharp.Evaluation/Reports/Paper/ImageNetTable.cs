using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Costs;
using EfficientNetSharp.Evaluation.Reports.Scaling;
using EfficientNetSharp.Evaluation.Reports.Writing;

namespace EfficientNetSharp.Evaluation.Reports.Paper;

/// <summary>What weights that are published reach on ImageNet.</summary>
/// <param name="Name">Whose, and which.</param>
/// <param name="Resolution">Side of the images in pixels.</param>
/// <param name="Top1">Top-1 accuracy in per cent.</param>
/// <param name="Top5">Top-5 accuracy in per cent; <see langword="null"/> where none is published.</param>
public sealed record PublishedAccuracy(string Name, int Resolution, double Top1, double? Top5);

/// <summary>A network of Table 2 beside our count and published weights.</summary>
/// <param name="Paper">What the paper prints.</param>
/// <param name="Parameters">
/// Trainable values that we count; <see langword="null"/> for a network that is not registered, as all below.
/// </param>
/// <param name="Macs">Multiply-adds that we count.</param>
/// <param name="ParameterRatio">How many times as many parameters as the group's EfficientNet has, both counted.</param>
/// <param name="MacRatio">How many times as many multiply-adds, both counted.</param>
/// <param name="Published">Published weights for it, the one to take first.</param>
public sealed record ImageNetRow(
    PaperNetwork Paper, long? Parameters, long? Macs, double? ParameterRatio, double? MacRatio,
    ImmutableArray<PublishedAccuracy> Published);

/// <summary>
/// The EfficientNet paper's Table 2: EfficientNets and ConvNets of similar accuracy, counted and with weights that there are today.
/// </summary>
/// <param name="Groups">The paper's groups, in each an EfficientNet first.</param>
public sealed record ImageNetTable(ImmutableArray<ImmutableArray<ImageNetRow>> Groups)
{
    private const string Lead =
        "Ratios are to the group's EfficientNet; the paper's are as printed, ours are of exact counts. Multiply-adds, which the paper calls "
        + "FLOPs, are those of convolutions and linear layers for one image at the network's own resolution. A network without a count is "
        + "not registered here.";

    private const string PublishedLead =
        "Top-1 and top-5 are their publishers'. Names tell recipes and data: weights with ns_jft, in12k or in21k have learned from more "
        + "images than ImageNet's, which the paper's table leaves out.";

    /// <summary>Counts all of it.</summary>
    /// <param name="published">Published weights of a registered network, the one to take first.</param>
    public static ImageNetTable Create(Func<string, ImmutableArray<PublishedAccuracy>> published)
    {
        ArgumentNullException.ThrowIfNull(published);
        return new ImageNetTable([.. PaperNetwork.Table2.Select(group => Count(group, published))]);
    }

    /// <summary>The page.</summary>
    public PaperReport ToReport() => new("table2", "The paper's Table 2: EfficientNet and ConvNets on ImageNet", Lead,
        [
            new ScalingTable("Accuracy and size", "",
                [
                    "network", "weights", "top-1 paper", "top-5 paper", "top-1 published", "top-5 published", "parameters paper",
                    "ratio paper", "parameters", "ratio",
                    "FLOPs paper", "FLOPs ratio paper", "GMACs", "GMACs ratio",
                ],
                [.. Groups.SelectMany(group => group).Select(Cells)], 2),
            new ScalingTable("Published weights", PublishedLead, ["network", "weights", "pixels", "top-1", "top-5"],
                [.. Groups.SelectMany(group => group).SelectMany(row => row.Published.Select(weights => Cells(row, weights)))], 2),
        ]);

    private static ImmutableArray<ImageNetRow> Count(
        ImmutableArray<PaperNetwork> group, Func<string, ImmutableArray<PublishedAccuracy>> published)
    {
        var first = GraphCosts.Of(ArchitectureRegistry.Get(group[0].Architecture!).Build());
        return [.. group.Select(paper =>
        {
            if (paper.Architecture is not { } name) return new ImageNetRow(paper, null, null, null, null, []);
            var costs = GraphCosts.Of(ArchitectureRegistry.Get(name).Build());
            return new ImageNetRow(paper, costs.Parameters, costs.Macs, (double)costs.Parameters / first.Parameters,
                (double)costs.Macs / first.Macs, published(name));
        })];
    }

    private static ImmutableArray<string> Cells(ImageNetRow row)
    {
        var best = row.Published.FirstOrDefault();
        return
        [
            row.Paper.Name, best?.Name ?? PaperReport.None, PaperReport.PerCent(row.Paper.Top1), PaperReport.PerCent(row.Paper.Top5),
            PaperReport.PerCent(best?.Top1), PaperReport.PerCent(best?.Top5),
            PaperReport.Printed(row.Paper.Parameters, 1e6, "M"), PaperReport.Times(row.Paper.ParameterRatio),
            row.Parameters is { } parameters ? Numbers.Whole(parameters) : PaperReport.None, PaperReport.Times(row.ParameterRatio),
            PaperReport.Printed(row.Paper.Flops, 1e9, "B"), PaperReport.Times(row.Paper.FlopsRatio),
            row.Macs is { } macs ? Numbers.Fixed(macs / 1e9, 3) : PaperReport.None, PaperReport.Times(row.MacRatio),
        ];
    }

    private static ImmutableArray<string> Cells(ImageNetRow row, PublishedAccuracy weights) =>
        [row.Paper.Name, weights.Name, $"{weights.Resolution}", PaperReport.PerCent(weights.Top1), PaperReport.PerCent(weights.Top5)];
}
