using EfficientNetSharp.Files;

namespace EfficientNetSharp.Recognition.Qdrant;

/// <summary>
/// Where a gallery lies in Qdrant: <c>qdrant://HOST:PORT/COLLECTION</c>, the port being gRPC's, 6334 if left out; <c>qdrants://</c> for
/// TLS. An API
/// key stands before the host: <c>qdrant://:KEY@HOST/…</c>.
/// </summary>
public sealed class QdrantAddress
{
    private const int StandardPort = 6334, MaxNameLength = 255;

    /// <summary>Takes what is known already.</summary>
    /// <param name="host">The server.</param>
    /// <param name="port">Its port for gRPC.</param>
    /// <param name="collection">The gallery's collection: letters, digits, <c>-</c> and <c>_</c>.</param>
    /// <exception cref="InvalidInputException">A name cannot be; the message says why.</exception>
    public QdrantAddress(string host, int port, string collection)
    {
        ArgumentException.ThrowIfNullOrEmpty(host);
        ArgumentNullException.ThrowIfNull(collection);
        if (collection.Length is 0 or > MaxNameLength || !collection.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'))
            throw new InvalidInputException(
                $"A collection's name is expected to have letters, digits, - and _, at most {MaxNameLength}, found {OneLine.Quote(collection)}.");
        (Host, Port, Collection) = (host, port, collection);
    }

    /// <summary>The server.</summary>
    public string Host { get; }

    /// <summary>Its port for gRPC.</summary>
    public int Port { get; }

    /// <summary>The gallery's collection.</summary>
    public string Collection { get; }

    /// <summary>Whether the connection is encrypted.</summary>
    public bool UsesTls { get; init; }

    /// <summary>The server's API key; <see langword="null"/> for none.</summary>
    public string? ApiKey { get; init; }

    /// <summary>The address without the key.</summary>
    public string Name => FormattableString.Invariant($"{(UsesTls ? "qdrants" : "qdrant")}://{Host}:{Port}/{Collection}");

    /// <summary>Whether a text is such an address, by its beginning.</summary>
    public static bool IsOne(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.StartsWith("qdrant://", StringComparison.Ordinal) || text.StartsWith("qdrants://", StringComparison.Ordinal);
    }

    /// <summary>Reads an address.</summary>
    /// <exception cref="InvalidInputException">It is none; the message says what is expected.</exception>
    public static QdrantAddress Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!IsOne(text) || !Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Host.Length == 0
            || uri.AbsolutePath.Trim('/').Contains('/')
            || uri.Query.Length > 0)
            throw new InvalidInputException(
                "A gallery in Qdrant is expected as qdrant://HOST:PORT/COLLECTION, or qdrants:// with TLS; check the address.");
        string[] user = uri.UserInfo.Split(':', 2);
        return new QdrantAddress(uri.Host, uri.Port > 0 ? uri.Port : StandardPort, uri.AbsolutePath.Trim('/'))
        {
            UsesTls = uri.Scheme == "qdrants", ApiKey = user is [_, { Length: > 0 } key] ? Uri.UnescapeDataString(key) : null,
        };
    }
}
