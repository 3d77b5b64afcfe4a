using EfficientNetSharp.Files;

namespace EfficientNetSharp.Formats.Downloads;

/// <summary>
/// The SHA-256 of a fetched file that has no published one, kept beside it as <c>&lt;file&gt;.sha256</c> in the form that
/// <c>sha256sum --check</c> reads, so that later damage shows.
/// </summary>
internal static class HashNote
{
    internal static void Write(string target, string sha256) =>
        AtomicFile.WriteText(PathOf(target), $"{sha256}  {Path.GetFileName(target)}\n");

    internal static StatedHashes Read(string target)
    {
        string path = PathOf(target);
        if (!File.Exists(path)) return StatedHashes.None;
        string first = File.ReadAllText(path).Split(' ', 2)[0];
        return first.Length == 64 && first.All(char.IsAsciiHexDigitLower) ? new StatedHashes(first, null) : StatedHashes.None;
    }

    private static string PathOf(string target) => target + ".sha256";
}
