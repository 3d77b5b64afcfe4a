namespace EfficientNetSharp.Imaging.Resampling;

/// <summary>
/// The part of an image that a resampler sees, in memory: what lies outside is not looked at, even where the filter would reach it.
/// </summary>
/// <param name="pixels">The memory, with <see cref="Image.Slack"/> bytes behind the last pixel.</param>
/// <param name="origin">Offset in bytes of the region's first pixel; that pixel itself may be missing, and the offset negative.</param>
/// <param name="stride">Bytes from row to row.</param>
internal readonly ref struct SourceRegion(ReadOnlySpan<byte> pixels, int origin, int stride)
{
    internal ReadOnlySpan<byte> Pixels { get; } = pixels;

    /// <summary>Bytes from row to row.</summary>
    internal int Stride { get; } = stride;

    /// <summary>Offset in bytes of a row's first pixel.</summary>
    internal int RowOffset(int y) => origin + (y * Stride);
}
