using EfficientNetSharp.Evaluation.Reports.Charts;

namespace EfficientNetSharp.Evaluation.Reports.Scaling;

/// <summary>A plot of the report.</summary>
/// <param name="FileName">Its file.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Chart">What is drawn; its description is the caption.</param>
internal sealed record ScalingPlot(string FileName, string Title, ScatterChart Chart);
