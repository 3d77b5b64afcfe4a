using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Formats.Downloads;

/// <summary>One attempt to complete a part file over HTTP; goes on where an earlier one stopped if the file is still the same.</summary>
internal sealed class HttpTransfer(HttpClient client, DownloadOptions options, long maxBytes)
{
    // Big enough that the calls do not count, small enough that progress shows on a slow line.
    private const int BufferBytes = 1 << 17;

    // The first HTTP standards advised at most 5 (RFC 1945, 9.3); hubs use 2 or 3, and a company's gateway may add some.
    private const int MaxRedirections = 10;

    /// <summary>Transfers the rest of the file.</summary>
    /// <returns>The hashes that the server stated.</returns>
    /// <exception cref="TransferException">The attempt ended early.</exception>
    /// <exception cref="IOException">The part file could not be written.</exception>
    internal async Task<StatedHashes> RunAsync(
        Uri url, PartFile part, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        var validator = part.ReadValidator(url);
        long have = validator is null ? 0 : part.Length;
        var stated = new ServerHashes();
        using var timeout = new StallTimeout(options, cancellationToken);
        using var answer = await AskAsync(url, have, validator, stated, timeout).ConfigureAwait(false);
        if (answer.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
        {
            // A run that was stopped between the last byte and the renaming left the whole file.
            if (answer.Content.Headers.ContentRange?.Length == have) return stated.Hashes;
            part.Delete();
            throw Transient("the server's file is shorter than the part that is here");
        }

        if (!answer.IsSuccessStatusCode) throw Refused(answer);
        long start = StartOf(answer, have, validator, part);
        if (start == 0)
        {
            // Old bytes go before the new validator comes: never the two together.
            part.Delete();
            part.WriteValidator(ValidatorOf(url, answer));
        }

        long? total = answer.Content.Headers.ContentLength is { } rest ? start + rest : null;
        if (total > maxBytes) throw TooLong(url, total.Value);
        await CopyAsync(url, answer, part, start, total, progress, timeout).ConfigureAwait(false);
        return stated.Hashes;
    }

    private async Task<HttpResponseMessage> AskAsync(
        Uri url, long have, PartFile.Validator? validator, ServerHashes stated, StallTimeout timeout)
    {
        var address = url;
        for (int redirections = 0; ; redirections++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            if (have > 0)
            {
                request.Headers.Range = new RangeHeaderValue(have, null);
                request.Headers.TryAddWithoutValidation("If-Range", validator!.IfRange);
            }

            Task<HttpResponseMessage> SendAsync(CancellationToken token) =>
                client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, token);
            var answer = await timeout.TryAsync(SendAsync, address).ConfigureAwait(false);
            stated.Read(answer.Headers);
            bool isRedirection = (int)answer.StatusCode is 301 or 302 or 303 or 307 or 308;
            if (!isRedirection || answer.Headers.Location is not { } location) return answer;
            answer.Dispose();
            var next = new Uri(address, location);
            if (redirections == MaxRedirections) throw Final($"{url} leads from one address to the next without end");
            bool secure = next.Scheme == Uri.UriSchemeHttps || (next.Scheme == Uri.UriSchemeHttp && address.Scheme == Uri.UriSchemeHttp);
            if (!secure) throw Final($"{address} leads to {OneLine.Quote(next.ToString(), 200)}, which is not safe to follow");
            address = next;
        }
    }

    // Where the answer's bytes belong: behind what is here, or at the start if the server sends the whole file.
    private static long StartOf(HttpResponseMessage answer, long have, PartFile.Validator? validator, PartFile part)
    {
        if (answer.StatusCode != HttpStatusCode.PartialContent) return 0;
        bool same = answer.Content.Headers.ContentRange?.From == have
            && (StrongTag(answer) is not { } tag || validator?.ETag is null || tag == validator.ETag);
        if (same) return have;
        part.Delete();
        throw Transient("the server sends another part than was asked for");
    }

    private async Task CopyAsync(
        Uri url, HttpResponseMessage answer, PartFile part, long start, long? total, IProgress<DownloadProgress>? progress,
            StallTimeout timeout)
    {
        var rate = new MinRate(options);
        var source = await timeout.TryAsync(answer.Content.ReadAsStreamAsync, null).ConfigureAwait(false);
        var file = part.OpenAt(start);
        await using (source.ConfigureAwait(false))
        await using (file.ConfigureAwait(false))
        {
            var buffer = new byte[BufferBytes];
            long received = start;
            progress?.Report(new DownloadProgress(received, total));
            while (true)
            {
                int read = await timeout.TryAsync(token => source.ReadAsync(buffer, token).AsTask(), null).ConfigureAwait(false);
                if (read == 0) break;
                // Not cancellable: what was received is kept, so that the next run goes on behind it.
                await file.WriteAsync(buffer.AsMemory(0, read), CancellationToken.None).ConfigureAwait(false);
                received += read;
                // A server need not say how much comes, and may say less than what does.
                if (received > maxBytes) throw TooLong(url, received);
                if (rate.TooSlow(read) is { } slow) throw Transient(slow);
                progress?.Report(new DownloadProgress(received, total));
            }

            if (total is { } whole && received < whole) throw Transient($"the connection ended after {received} of {whole} bytes");
        }
    }

    private static PartFile.Validator ValidatorOf(Uri url, HttpResponseMessage answer) => new(
        url.AbsoluteUri, StrongTag(answer), answer.Content.Headers.LastModified?.ToString("R", CultureInfo.InvariantCulture));

    // If-Range takes strong tags only (RFC 9110 13.1.5).
    private static string? StrongTag(HttpResponseMessage answer) => answer.Headers.ETag is { IsWeak: false } tag ? tag.Tag : null;

    private TransferException TooLong(Uri url, long bytes) =>
        Final($"{url.Host} sends {bytes} bytes or more, where at most {maxBytes} are expected");

    private static TransferException Transient(string message) => new(TransferErrorKind.Transient, message);

    private static TransferException Final(string message) => new(TransferErrorKind.Final, message);

    private TransferException Refused(HttpResponseMessage answer)
    {
        int code = (int)answer.StatusCode;
        string said = $"{answer.RequestMessage!.RequestUri!.Host} answers {code} {OneLine.Clean(answer.ReasonPhrase ?? "")}".TrimEnd();
        // 408 and 425 mean that the same request may work later, 429 that it came too soon.
        if (code is 408 or 425 or 429 or >= 500) return new TransferException(TransferErrorKind.Transient, said, RetryAfter(answer));
        return new TransferException(code is 404 or 410 ? TransferErrorKind.NotFound : TransferErrorKind.Final, said);
    }

    private TimeSpan? RetryAfter(HttpResponseMessage answer)
    {
        var asked = answer.Headers.RetryAfter;
        var pause = asked?.Delta ?? (asked?.Date is { } date ? date - options.Time.GetUtcNow() : null);
        return pause < TimeSpan.Zero ? TimeSpan.Zero : pause;
    }
}
