using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Architectures.Scaling;
using EfficientNetSharp.Costs;
using EfficientNetSharp.Evaluation.Reports.Writing;

namespace EfficientNetSharp.Evaluation.Reports.Scaling;

/// <summary>A row of the paper beside our count.</summary>
/// <param name="Published">What the paper prints.</param>
/// <param name="Resolution">Side of the counted input in pixels.</param>
/// <param name="Macs">Multiply-adds that we count.</param>
/// <param name="Parameters">Trainable values that we count.</param>
public sealed record ScalingReportRow(PublishedScalingRow Published, int Resolution, long Macs, long Parameters)
{
    /// <summary>Our multiply-adds over the paper's.</summary>
    public double Ratio => Macs / Published.PaperFlops;
}

/// <summary>A network with its published accuracy.</summary>
/// <param name="Name">Its name in figures, such as <c>B3</c>.</param>
/// <param name="Parameters">Trainable values that we count.</param>
/// <param name="Macs">Multiply-adds that we count at its resolution.</param>
/// <param name="Top1">Published top-1 accuracy in per cent.</param>
public sealed record NetworkPoint(string Name, long Parameters, long Macs, double Top1);

/// <summary>A published EfficientNet beside what the formula gives for the coefficient it is closest to.</summary>
/// <param name="Name">The published network.</param>
/// <param name="Phi">The compound coefficient.</param>
/// <param name="Shipped">The published multipliers; their resolution as a multiple of B0's.</param>
/// <param name="ShippedResolution">The published side in pixels.</param>
/// <param name="ShippedMacs">Multiply-adds of the published network.</param>
/// <param name="Formula">α^φ, β^φ and γ^φ.</param>
/// <param name="FormulaResolution">The formula's side in pixels.</param>
/// <param name="FormulaMacs">Multiply-adds of the formula's network.</param>
public sealed record FormulaRow(
    string Name, double Phi, ScalingCoefficients Shipped, int ShippedResolution, long ShippedMacs,
    ScalingCoefficients Formula, int FormulaResolution, long FormulaMacs);

/// <summary>
/// The scaling experiments of the EfficientNet paper rebuilt: Tables 3 and 7 with our counts, B1–B7 beside the formula, and plots
/// like Figures 1, 5 and 8. Accuracies are the published ones; everything else is counted.
/// </summary>
public sealed record ScalingReport
{
    private ScalingReport()
    {
    }

    /// <summary>The paper's Table 3.</summary>
    public required ImmutableArray<ScalingReportRow> Table3 { get; init; }

    /// <summary>The paper's Table 7.</summary>
    public required ImmutableArray<ScalingReportRow> Table7 { get; init; }

    /// <summary>B0–B7: the shipped table and the formula.</summary>
    public required ImmutableArray<FormulaRow> Formula { get; init; }

    /// <summary>EfficientNet B0–B7.</summary>
    public required ImmutableArray<NetworkPoint> Family { get; init; }

    /// <summary>Other networks.</summary>
    public required ImmutableArray<NetworkPoint> Others { get; init; }

    /// <summary>Counts all of it; takes well under a second.</summary>
    public static ScalingReport Create() => new()
    {
        Table3 = [.. PublishedScaling.Table3.Select(Count)],
        Table7 = [.. PublishedScaling.Table7.Select(Count)],
        Formula = [.. PublishedScaling.Family.Select(row => Compare(row.Variant, row.Phi, row.Depth, row.Width, row.Resolution))],
        Family = [.. PublishedScaling.Family.Select(row => Point(row.Variant.ToUpperInvariant(), $"efficientnet_{row.Variant}", row.Top1))],
        Others = [.. PublishedScaling.Others.Select(row => Point(row.Name, row.Architecture, row.Top1))],
    };

    /// <summary>The tables for printing; a ratio with a star has a note.</summary>
    public ImmutableArray<ScalingTable> Tables() => [.. ScalingPages.Tables(this)];

    /// <summary>Where the paper's numbers contradict each other, one sentence each.</summary>
    public ImmutableArray<string> Notes() => [.. ScalingPages.Notes(this)];

    /// <summary>
    /// Writes <c>report.html</c> (self-contained), <c>scaling.md</c> and each plot as an SVG file into a folder, which
    /// is made where missing.
    /// </summary>
    /// <returns>The files, in the order in which they were written.</returns>
    /// <exception cref="InvalidInputException">The folder or a file in it cannot be written.</exception>
    public ImmutableArray<string> Write(string folder)
    {
        var plots = ScalingPlots.Of(this);
        return ReportFolder.Write(
            folder,
            [
                .. plots.Select(plot => (plot.FileName, plot.Chart.ToSvg())),
                ("scaling.md", ScalingPages.Markdown(this, plots)),
                ("report.html", ScalingPages.Html(this, plots)),
            ]);
    }

    private static ScalingReportRow Count(PublishedScalingRow row)
    {
        var by = new ScalingCoefficients(row.Depth, row.Width, row.Resolution);
        var scaled = by.Apply(ArchitectureRegistry.Get(row.Baseline));
        var costs = GraphCosts.Of(scaled.Build());
        return new ScalingReportRow(row, scaled.Resolution, costs.Macs, costs.Parameters);
    }

    private static NetworkPoint Point(string name, string architecture, double top1)
    {
        var costs = GraphCosts.Of(ArchitectureRegistry.Get(architecture).Build());
        return new NetworkPoint(name, costs.Parameters, costs.Macs, top1);
    }

    private static FormulaRow Compare(string variant, double phi, double depth, double width, int resolution)
    {
        var b0 = ArchitectureRegistry.Get("efficientnet_b0");
        var shipped = ArchitectureRegistry.Get($"efficientnet_{variant}");
        var formula = CompoundScaling.EfficientNet.Coefficients(phi);
        var scaled = formula.Apply(b0);
        return new FormulaRow(
            variant.ToUpperInvariant(), phi, new ScalingCoefficients(depth, width, (double)resolution / b0.Resolution), resolution,
            GraphCosts.Of(shipped.Build()).Macs, formula, scaled.Resolution, GraphCosts.Of(scaled.Build()).Macs);
    }
}
