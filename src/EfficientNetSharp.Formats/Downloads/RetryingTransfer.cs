using System.Collections.Immutable;

namespace EfficientNetSharp.Formats.Downloads;

/// <summary>How to do a download by hand, for messages.</summary>
internal sealed record ByHand(RemoteFile File, string Target)
{
    internal string Advice(Uri asked) =>
        $"Fetch {(asked == File.Url ? "it" : File.Url)} by hand ({File.Hashes.Describe()}) and put it at {Target}, "
        + "where the next run finds it; or name a mirror with --from.";
}

/// <summary>Repeats a transfer after transient errors, with growing pauses, and asks one address after the other.</summary>
internal sealed class RetryingTransfer(HttpClient client, DownloadOptions options, long maxBytes)
{
    // An attempt that brings this much is no failure of the line as a whole.
    private const long ProgressBytes = 1 << 20;

    private readonly HttpTransfer _transfer = new(client, options, maxBytes);

    /// <summary>Transfers a file from the first of the addresses that has it.</summary>
    /// <returns>The address and the hashes that its server stated.</returns>
    /// <exception cref="DownloadException">None has it, or it could not be transferred.</exception>
    internal async Task<(Uri From, StatedHashes Stated)> RunAsync(
        ImmutableArray<Uri> addresses,
        PartFile part,
        ByHand byHand,
        IProgress<DownloadProgress>? progress,
        CancellationToken cancellationToken)
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
                string advice = error.Kind == TransferErrorKind.Transient ? Advice(part) : byHand.Advice(addresses[i]);
                throw new DownloadException($"Cannot fetch {asked}: {error.Message}. {advice}", error);
            }
        }
    }

    private static string Advice(PartFile part) =>
        part.Length > 0 ? "Run the command again: it goes on with what has come so far." : "Try again later, or name a mirror with --from.";

    private async Task<StatedHashes> RepeatAsync(
        Uri address, PartFile part, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
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
            catch (TransferException error) when (
                error.Kind == TransferErrorKind.Transient || (error.Kind == TransferErrorKind.Unreachable && answered))
            {
                answered = true;
                failures = part.Length >= furthest + ProgressBytes ? 1 : failures + 1;
                furthest = Math.Max(furthest, part.Length);
                if (failures >= options.Attempts)
                {
                    string message = options.Attempts == 1 ? error.Message : $"{error.Message}, and so {options.Attempts} times";
                    throw new TransferException(TransferErrorKind.Transient, message, inner: error);
                }

                var pause = PauseAfter(error, failures);
                string note = $"{Capitalized(error.Message)}; trying again in {pause.TotalSeconds:0.#} s.";
                progress?.Report(new DownloadProgress(part.Length, null, note));
                await Task.Delay(pause, options.Time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private TimeSpan PauseAfter(TransferException error, int failures)
    {
        var own = options.FirstPause * Math.Pow(2, failures - 1);
        if (own > options.MaxPause) own = options.MaxPause;
        if (error.RetryAfter is not { } asked || asked <= own) return own;
        if (asked <= options.MaxPause) return asked;
        string message = $"{error.Message} and asks to wait {asked.TotalSeconds:0} seconds";
        throw new TransferException(TransferErrorKind.Transient, message, inner: error);
    }

    private static string Capitalized(string text) => string.Concat(text[..1].ToUpperInvariant(), text[1..]);
}
