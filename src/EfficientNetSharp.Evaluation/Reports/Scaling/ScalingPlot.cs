namespace EfficientNetSharp.Evaluation.Reports.Scaling;

/// <summary>A plot in both forms.</summary>
/// <param name="Name">Its file's name without extension.</param>
/// <param name="Title">Its heading.</param>
/// <param name="Caption">What it shows.</param>
/// <param name="Png">The image, at twice the drawing's size.</param>
/// <param name="Svg">The drawing, a whole document.</param>
internal sealed record ScalingPlot(string Name, string Title, string Caption, byte[] Png, string Svg);
