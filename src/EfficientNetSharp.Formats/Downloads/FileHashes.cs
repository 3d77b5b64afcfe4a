using System.Security.Cryptography;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Formats.Downloads;

/// <summary>The hashes of a file, and whether they are those that the makers or a server states.</summary>
/// <param name="Sha256">Lower-case hexadecimal digits.</param>
/// <param name="Md5">Lower-case hexadecimal digits.</param>
internal sealed record FileHashes(string Sha256, string Md5)
{
    // Reading in pieces of a mebibyte keeps a disk busy.
    private const int BufferBytes = 1 << 20;

    internal static async Task<FileHashes> OfAsync(string path, CancellationToken cancellationToken)
    {
        using var sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        // MD5 is what some makers publish; it guards against damage, not against malice.
#pragma warning disable CA5351
        using var md5 = IncrementalHash.CreateHash(HashAlgorithmName.MD5);
#pragma warning restore CA5351
        FileEntry.EnsureReadable(path);
        var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0, useAsync: true);
        await using (stream.ConfigureAwait(false))
        {
            var buffer = new byte[BufferBytes];
            for (int read; (read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
            {
                sha256.AppendData(buffer, 0, read);
                md5.AppendData(buffer, 0, read);
            }
        }

        return new FileHashes(Convert.ToHexStringLower(sha256.GetHashAndReset()), Convert.ToHexStringLower(md5.GetHashAndReset()));
    }

    /// <summary>For messages: the first stated hash that the file does not have; <see langword="null"/> if it has them all.</summary>
    internal string? Mismatch(StatedHashes stated)
    {
        if (stated.Sha256 is { } sha256 && !Sha256.StartsWith(sha256, StringComparison.Ordinal))
            return $"its SHA-256 {(sha256.Length < Sha256.Length ? "is to start with" : "is to be")} {sha256}, found {Sha256}";
        return stated.Md5 is { } md5 && Md5 != md5 ? $"its MD5 is to be {md5}, found {Md5}" : null;
    }
}

/// <summary>Hashes that the makers or a server states; each may be missing.</summary>
/// <param name="Sha256">Lower-case hexadecimal digits, all 64 or the first of them.</param>
/// <param name="Md5">Lower-case hexadecimal digits.</param>
internal sealed record StatedHashes(string? Sha256, string? Md5)
{
    internal static StatedHashes None { get; } = new(null, null);

    internal bool Any => Sha256 is not null || Md5 is not null;

    /// <summary>For people: the hash with its kind, or that there is none.</summary>
    internal string Describe() => this switch
    {
        { Sha256: { Length: < 64 } digits } => $"SHA-256 starting with {digits}",
        { Sha256: { } digits } => $"SHA-256 {digits}",
        { Md5: { } digits } => $"MD5 {digits}",
        _ => "no published hash",
    };
}
