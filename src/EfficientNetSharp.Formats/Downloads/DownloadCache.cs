namespace EfficientNetSharp.Formats.Downloads;

/// <summary>The folder in which fetched files stay: each at its address's host and path, so that equal file names do not meet.</summary>
public static class DownloadCache
{
    /// <summary>
    /// The folder by default: <c>$EFFNET_CACHE</c>, else <c>$XDG_CACHE_HOME/effnet</c>, else <c>~/.cache/effnet</c>; on Windows
    /// <c>effnet</c> in the local application data instead of the last two.
    /// </summary>
    /// <param name="environment">Looks up a variable; the process's own environment where <see langword="null"/>.</param>
    public static string DefaultFolder(Func<string, string?>? environment = null) =>
        DefaultFolder(environment ?? Environment.GetEnvironmentVariable, OperatingSystem.IsWindows());

    /// <summary>Where the file of an address lies, or is to be put by hand.</summary>
    /// <param name="folder">The cache's folder.</param>
    /// <param name="url">The address.</param>
    public static string PathOf(string folder, Uri url)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(url);
        return Path.GetFullPath(Path.Combine([folder, url.Host, .. PathParts(url)]));
    }

    internal static string DefaultFolder(Func<string, string?> environment, bool windows)
    {
        if (environment("EFFNET_CACHE") is { Length: > 0 } named) return named;
        if (windows) return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "effnet");
        // The XDG base directory specification: a path that is not absolute is to be ignored.
        if (environment("XDG_CACHE_HOME") is { Length: > 0 } xdg && Path.IsPathRooted(xdg)) return Path.Combine(xdg, "effnet");
        string home = environment("HOME") is { Length: > 0 } own ? own : Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return Path.Combine(home, ".cache", "effnet");
    }

    internal static string[] PathParts(Uri url) => url.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
}
