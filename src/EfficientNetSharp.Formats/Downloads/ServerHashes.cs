using System.Net.Http.Headers;

namespace EfficientNetSharp.Formats.Downloads;

/// <summary>Collects the hashes that servers state in their headers, on the way over redirections as well.</summary>
internal sealed class ServerHashes
{
    internal StatedHashes Hashes { get; private set; } = StatedHashes.None;

    internal void Read(HttpResponseHeaders headers)
    {
        // The Hugging Face hub names a large file by its SHA-256 in this header of its redirection. The plain ETag of the storage behind
        // it is something else.
        if (headers.TryGetValues("X-Linked-ETag", out var tags) && Hex(tags.First().Trim().Trim('"'), 64) is { } sha256)
            Hashes = Hashes with { Sha256 = sha256 };

        // Google's storage: "crc32c=…,md5=…" in base64, as one header or two; composed objects have no MD5.
        if (!headers.TryGetValues("x-goog-hash", out var hashes)) return;
        foreach (string hash in hashes.SelectMany(value => value.Split(',', StringSplitOptions.TrimEntries)))
        {
            var bytes = new byte[16];
            bool isMd5 = hash.StartsWith("md5=", StringComparison.Ordinal);
            if (isMd5 && Convert.TryFromBase64String(hash[4..], bytes, out int written) && written == bytes.Length)
                Hashes = Hashes with { Md5 = Convert.ToHexStringLower(bytes) };
        }
    }

    private static string? Hex(string text, int length) =>
        text.Length == length && text.All(char.IsAsciiHexDigit) ? text.ToLowerInvariant() : null;
}
