using EfficientNetSharp.Formats.Downloads;

namespace EfficientNetSharp.Weights.Downloads;

/// <summary>Where fetched weights stay, in <see cref="DownloadCache"/>.</summary>
public static class WeightCache
{
    /// <summary>Where the file of a row lies, or is to be put by hand.</summary>
    /// <param name="folder">The cache's folder; <see cref="DownloadCache.DefaultFolder(Func{string, string?}?)"/> where none is said.</param>
    /// <param name="row">The row.</param>
    public static string PathOf(string folder, PublishedWeights row)
    {
        ArgumentNullException.ThrowIfNull(row);
        return DownloadCache.PathOf(folder, row.Url);
    }
}
