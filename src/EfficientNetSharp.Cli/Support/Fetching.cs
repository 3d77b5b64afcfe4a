using EfficientNetSharp.Formats.Downloads;
using EfficientNetSharp.Weights.Downloads;

namespace EfficientNetSharp.Cli.Support;

/// <summary>Fetches published weights into the cache while a person watches.</summary>
internal static class Fetching
{
    private const long Megabyte = 1_000_000;

    /// <summary>Where a mirror is looked for when none is named.</summary>
    public const string MirrorVariable = "EFFNET_MIRROR";

    /// <summary>Gives the file of a row, from the cache or by fetching it, and says which and how it was checked.</summary>
    /// <param name="terminal">Who is told.</param>
    /// <param name="row">The row.</param>
    /// <param name="from">A mirror; that of <see cref="MirrorVariable"/> if not given.</param>
    /// <param name="cache">The cache's folder; the usual one if not given.</param>
    public static FetchedFile Fetch(Terminal terminal, PublishedWeights row, string? from = null, string? cache = null)
    {
        string? mirror = from ?? (terminal.Environment(MirrorVariable) is { Length: > 0 } named ? named : null);
        using var downloader = new WeightDownloader(
            new DownloadOptions { From = mirror, CacheFolder = cache ?? DownloadCache.DefaultFolder(terminal.Environment) });
        var fetched = downloader.FetchAsync(row, Watch(terminal, row), terminal.Interrupted).GetAwaiter().GetResult();
        terminal.EndProgress();
        return fetched;
    }

    /// <summary>One of several rows that a name stands for: the first, and said so.</summary>
    public static PublishedWeights Choose(Terminal terminal, string name, IReadOnlyList<PublishedWeights> rows)
    {
        if (rows.Count > 1) terminal.Note(
            $"{name} has {rows.Count} sets of weights; taking {rows[0].Name}. The others: {string.Join(", ", rows.Skip(1).Select(row => row.Name))}.");
        return rows[0];
    }

    /// <summary>Where the file came from and what says that it is the right one, as a sentence.</summary>
    public static string Describe(PublishedWeights row, FetchedFile fetched) =>
        $"{row.Name} {(fetched.WasCached ? "is in the cache" : "is fetched")}; {Checked(fetched)}.";

    // A line that is overwritten where somebody watches; else a line at the start and at each quarter.
    private static SynchronousProgress<DownloadProgress> Watch(Terminal terminal, PublishedWeights row)
    {
        int quarter = -1;
        return new SynchronousProgress<DownloadProgress>(moment =>
        {
            if (moment.Note is { } note)
            {
                terminal.Note(note);
                return;
            }

            string amount = moment.Total is { } total
                ? $"{(double)moment.Received / Megabyte:F1} of {(double)total / Megabyte:F1} MB"
                : $"{(double)moment.Received / Megabyte:F1} MB";
            if (terminal.Live)
            {
                string bar = moment.Total is { } size ? ProgressBar.Of(moment.Received, size) + "  " : "";
                terminal.Progress($"{bar}{amount}  {row.FileName}");
                return;
            }

            int reached = moment.Total is > 0 and { } whole ? (int)(4 * moment.Received / whole) : 0;
            if (reached == quarter) return;
            terminal.Note($"{row.FileName}: {amount}{(moment.Total is { } all ? $" ({(all == 0 ? 100 : 100 * moment.Received / all)} %)" : "")}");
            quarter = reached;
        });
    }

    private static string Checked(FetchedFile fetched) => fetched.Check switch
    {
        HashCheck.Published => "it has the published hash",
        HashCheck.StatedByServer => "no published hash; it has the one that the server states",
        _ => $"no published hash; its SHA-256 is {fetched.Sha256}",
    };
}
