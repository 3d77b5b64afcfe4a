using System.Net;

namespace EfficientNetSharp.Formats.Downloads;

/// <summary>How <see cref="FileDownloader"/> works.</summary>
public sealed record DownloadOptions
{
    /// <summary>The cache's folder; <see cref="DownloadCache.DefaultFolder(Func{string, string?}?)"/> by default. It is made when needed.</summary>
    public string? CacheFolder { get; init; }

    /// <summary>
    /// A mirror instead of the published addresses: a folder, or a base address (http or https), that holds the file under the path below
    /// its host, under its host and that path, or, where no two files share it, under its bare name. <see langword="null"/> for none.
    /// </summary>
    public string? From { get; init; }

    /// <summary>
    /// The proxy; where <see langword="null"/> that of the environment (<c>HTTPS_PROXY</c>, <c>HTTP_PROXY</c>, <c>NO_PROXY</c>).
    /// </summary>
    public IWebProxy? Proxy { get; init; }

    /// <summary>
    /// Attempts that may fail one after the other before the download is given up; 5 by default. One that brings the transfer
    /// on by a mebibyte or more starts the count anew.
    /// </summary>
    public int Attempts { get; init; } = 5;

    /// <summary>Pause after the first failed attempt, doubled after each further one; 1 second by default.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause that a server may ask for (<c>Retry-After</c>) and be granted; 1 minute by default.</summary>
    public TimeSpan MaxPause { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a connection may bring nothing before it counts as dropped; 1 minute by default.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Bytes per second that a connection has to bring, measured over each <see cref="StallTimeout"/>; one that brings fewer counts as
    /// dropped. 512 by default, a tenth of what a telephone line brought.
    /// </summary>
    public int MinBytesPerSecond { get; init; } = 512;

    /// <summary>
    /// The most bytes that a file may have whose <see cref="RemoteFile.MaxBytes"/> is not known; 8 GiB by default, four times the largest
    /// published weights.
    /// </summary>
    public long MaxBytes { get; init; } = 8L << 30;

    /// <summary>The clock for pauses and stalls.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
