namespace EfficientNetSharp.Imaging.Resampling;

/// <summary>
/// The part of a picture that a resampler sees, in memory: what lies outside is not looked at, even where the filter would reach it.
/// </summary>
/// <param name="pixels">The memory, with <see cref="Picture.Slack"/> bytes behind the last pixel.</param>
/// <param name="origin">Offset in bytes of the region's first pixel that is in memory.</param>
/// <param name="stride">Bytes from row to row.</param>
/// <param name="top">The region's row that lies at <paramref name="origin"/>; rows above are not in memory.</param>
internal readonly ref struct SourceRegion(ReadOnlySpan<byte> pixels, int origin, int stride, int top)
{
    internal ReadOnlySpan<byte> Pixels { get; } = pixels;

    /// <summary>Bytes from row to row.</summary>
    internal int Stride { get; } = stride;

    /// <summary>Offset in bytes of a row's first pixel.</summary>
    internal int RowOffset(int y) => origin + ((y - top) * Stride);
}
