namespace EfficientNetSharp.Formats.Downloads;

/// <summary>A file that its makers offer for download, with what is needed to check it.</summary>
public sealed record RemoteFile
{
    /// <summary>What the file is called in messages.</summary>
    public required string Name { get; init; }

    /// <summary>Where the file lies.</summary>
    public required Uri Url { get; init; }

    /// <summary>
    /// The file's SHA-256 in lower-case hexadecimal digits, or its first eight or more where the makers publish only those;
    /// <see langword="null"/> where they publish none.
    /// </summary>
    public string? Sha256 { get; init; }

    /// <summary>The file's MD5 in lower-case hexadecimal digits, where the makers publish that; <see langword="null"/> otherwise.</summary>
    public string? Md5 { get; init; }

    /// <summary>
    /// The most bytes that it may have; a server that sends more is not listened to. <see langword="null"/> for
    /// <see cref="DownloadOptions.MaxBytes"/>.
    /// </summary>
    public long? MaxBytes { get; init; }

    /// <summary>
    /// Whether no other file of the same kind has this file name, so that a mirror may hold it under the bare name. Default true.
    /// </summary>
    public bool HasUniqueFileName { get; init; } = true;

    /// <summary>The file's own name, the last part of its address.</summary>
    public string FileName => Url.Segments[^1];

    internal StatedHashes Hashes => new(Sha256, Md5);
}
