namespace EfficientNetSharp.Formats.Downloads;

/// <summary>What a fetched file was checked against.</summary>
public enum HashCheck
{
    /// <summary>A hash that the makers publish, whole or its first digits.</summary>
    Published,

    /// <summary>A hash that the server stated; it shows that the transfer was whole, not that the server is honest.</summary>
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
