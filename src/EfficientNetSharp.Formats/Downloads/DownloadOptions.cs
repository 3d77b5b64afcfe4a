using System.Net;

namespace EfficientNetSharp.Formats.Downloads;

/// <summary>How <see cref="FileDownloader"/> works.</summary>
public sealed record DownloadOptions
{
    /// <summary>The cache's folder; <see cref="DownloadCache.DefaultFolder()"/> if not said. It is made when needed.</summary>
    public string? CacheFolder { get; init; }

    /// <summary>
    /// A mirror instead of the published addresses: a folder, or a base address (http or https), that holds the file under the path below
    /// its host, under its host and that path, or, where no two files share it, under its bare name. <see langword="null"/> for none.
    /// </summary>
    public string? From { get; init; }

    /// <summary>The proxy; where <see langword="null"/> what the environment says (<c>HTTPS_PROXY</c>, <c>HTTP_PROXY</c>, <c>NO_PROXY</c>).</summary>
    public IWebProxy? Proxy { get; init; }

    /// <summary>
    /// Attempts that may fail one after the other before the download is given up; 5 if not said. One that brings the transfer
    /// on by a mebibyte or more starts the count anew.
    /// </summary>
    public int Attempts { get; init; } = 5;

    /// <summary>Pause after the first failed attempt, doubled after each further one; 1 second if not said.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause that a server may ask for (<c>Retry-After</c>) and be granted; 1 minute if not said.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a connection may bring nothing before it counts as dropped; 1 minute if not said.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The clock for pauses and stalls.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>A moment of a download.</summary>
/// <param name="Received">Bytes of the file that are there, those of an earlier run included.</param>
/// <param name="Total">Bytes of the whole file; <see langword="null"/> while the server has not said it.</param>
/// <param name="Note">Something that a person may want to know, such as why an attempt is repeated; usually <see langword="null"/>.</param>
public sealed record DownloadProgress(long Received, long? Total, string? Note = null);

/// <summary>What a fetched file was checked against.</summary>
public enum HashCheck
{
    /// <summary>A hash that the makers publish, whole or its first digits.</summary>
    Published,

    /// <summary>A hash that the server stated with its answer; it shows that the transfer was whole, not that the server is honest.</summary>
    StatedByServer,

    /// <summary>Nothing: no hash is known. A file in the cache that was fetched before was checked against its hash of then.</summary>
    None,
}

/// <summary>A file that is in the cache.</summary>
/// <param name="Path">Where it lies.</param>
/// <param name="Sha256">Its SHA-256 in lower-case hexadecimal digits.</param>
/// <param name="Check">What it was checked against.</param>
/// <param name="WasCached">Whether it was there already, so that nothing was fetched.</param>
public sealed record FetchedFile(string Path, string Sha256, HashCheck Check, bool WasCached);

/// <summary>A download failed. The message is one line that says what happened and what to do.</summary>
public sealed class DownloadException : Exception
{
    /// <summary>Creates the exception with its one-line message.</summary>
    public DownloadException(string message) : base(message)
    {
    }

    /// <summary>Creates the exception with its one-line message and the failure behind it.</summary>
    public DownloadException(string message, Exception innerException) : base(message, innerException)
    {
    }
}
