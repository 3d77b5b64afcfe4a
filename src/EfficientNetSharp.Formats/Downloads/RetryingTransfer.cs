using System.Collections.Immutable;

namespace EfficientNetSharp.Formats.Downloads;

/// <summary>How to do a download by hand, for messages.</summary>
internal sealed record ByHand(RemoteFile File, string Target)
{
    internal string Advice(Uri asked) =>
        $"Fetch {(asked == File.Url ? "it" : File.Url)} by hand ({File.Hashes.Describe()}) and put it at {Target}, where the next run finds it; or name a mirror with --from.";
}

/// <summary>Repeats a transfer that failed in passing, with growing pauses, and asks one address after the other.</summary>
internal sealed class RetryingTransfer(HttpClient client, DownloadOptions options)
{
    // An attempt that brings this much is no failure of the line as a whole.
    private const long Headway = 1 << 20;

    private readonly HttpTransfer _transfer = new(client, options);

    /// <summary>Transfers a file from the first of the addresses that has it.</summary>
    /// <returns>The address and the hashes that its server stated.</returns>
    /// <exception cref="DownloadException">None has it, or it could not be transferred.</exception>
    internal async Task<(Uri From, StatedHashes Stated)> RunAsync(
        ImmutableArray<Uri> addresses, PartFile part, ByHand byHand, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        for (int i = 0; ; i++)
        {
            try
            {
                return (addresses[i], await RepeatAsync(addresses[i], part, progress, cancellationToken).ConfigureAwait(false));
            }
            catch (TransferException error) when (error.Kind == TransferErrorKind.NotFound && i + 1 < addresses.Length)
            {
                // The mirror may hold it elsewhere.
            }
            catch (TransferException error)
            {
                string asked = string.Join(" or ", error.Kind == TransferErrorKind.NotFound ? addresses.AsEnumerable() : [addresses[i]]);
                throw new DownloadException($"Cannot fetch {asked}: {error.Message}. {(error.Kind == TransferErrorKind.Passing ? Advice(part) : byHand.Advice(addresses[i]))}", error);
            }
        }
    }

    private static string Advice(PartFile part) =>
        part.Length > 0 ? "Run the command again: it goes on with what has come so far." : "Try again later, or name a mirror with --from.";

    private async Task<StatedHashes> RepeatAsync(Uri address, PartFile part, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        long furthest = part.Length;
        bool answered = false;
        for (int failures = 0; ;)
        {
            try
            {
                return await _transfer.RunAsync(address, part, progress, cancellationToken).ConfigureAwait(false);
            }
            // A server that was there a moment ago is likely to be there again; one that never was is not.
            catch (TransferException error) when (error.Kind == TransferErrorKind.Passing || (error.Kind == TransferErrorKind.Unreachable && answered))
            {
                answered = true;
                failures = part.Length >= furthest + Headway ? 1 : failures + 1;
                furthest = Math.Max(furthest, part.Length);
                if (failures >= options.Attempts)
                    throw new TransferException(TransferErrorKind.Passing, options.Attempts == 1 ? error.Message : $"{error.Message}, and so {options.Attempts} times", inner: error);
                var pause = PauseAfter(error, failures);
                progress?.Report(new DownloadProgress(part.Length, null, $"{Capitalized(error.Message)}; trying again in {pause.TotalSeconds:0.#} s."));
                await Task.Delay(pause, options.Time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private TimeSpan PauseAfter(TransferException error, int failures)
    {
        var own = options.FirstPause * Math.Pow(2, failures - 1);
        if (own > options.LongestPause) own = options.LongestPause;
        if (error.RetryAfter is not { } asked || asked <= own) return own;
        return asked <= options.LongestPause
            ? asked
            : throw new TransferException(TransferErrorKind.Passing, $"{error.Message} and asks to wait {asked.TotalSeconds:0} seconds", inner: error);
    }

    private static string Capitalized(string text) => string.Concat(text[..1].ToUpperInvariant(), text[1..]);
}
