namespace EfficientNetSharp.Formats.Downloads;

/// <summary>
/// Tells a connection that only just stays alive from one that is slow: over each stall's time it has to bring
/// <see cref="DownloadOptions.MinBytesPerSecond"/>.
/// </summary>
internal sealed class MinRate(DownloadOptions options)
{
    private long _start = options.Time.GetTimestamp();
    private long _bytes;

    /// <summary>Counts bytes.</summary>
    /// <returns>What to say of a connection that is too slow; <see langword="null"/> while it is not.</returns>
    internal string? TooSlow(int bytes)
    {
        _bytes += bytes;
        var elapsed = options.Time.GetElapsedTime(_start);
        if (elapsed < options.StallTimeout) return null;
        if (_bytes < options.MinBytesPerSecond * elapsed.TotalSeconds)
            return $"only {_bytes} bytes came in {elapsed.TotalSeconds:0} seconds";
        (_start, _bytes) = (options.Time.GetTimestamp(), 0);
        return null;
    }
}
