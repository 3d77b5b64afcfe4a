namespace EfficientNetSharp.Data.Mixing;

/// <summary>The part of an image that CutMix replaces.</summary>
/// <param name="Left">First column.</param>
/// <param name="Top">First row.</param>
/// <param name="Right">Column behind the last.</param>
/// <param name="Bottom">Row behind the last.</param>
internal readonly record struct MixingBox(int Left, int Top, int Right, int Bottom)
{
    /// <summary>The box around a centre that would take 1 − share of the image, cut off at its edges; timm's <c>rand_bbox</c>.</summary>
    internal static MixingBox Around(int column, int row, double share, int width, int height)
    {
        double ratio = Math.Sqrt(1 - share);
        int halfWidth = (int)(width * ratio) / 2, halfHeight = (int)(height * ratio) / 2;
        return new MixingBox(
            Math.Max(column - halfWidth, 0), Math.Max(row - halfHeight, 0), Math.Min(column + halfWidth, width),
            Math.Min(row + halfHeight, height));
    }

    /// <summary>What the box leaves of the image.</summary>
    internal float ShareLeft(int width, int height) =>
        (float)(1 - ((Right - Left) * (double)(Bottom - Top) / ((double)width * height)));
}
