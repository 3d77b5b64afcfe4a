using EfficientNetSharp.Files;
using Npgsql;

namespace EfficientNetSharp.Recognition.PostgreSql;

/// <summary>
/// Where a gallery lies in PostgreSQL: <c>postgresql://USER:PASSWORD@HOST:PORT/DATABASE/GALLERY</c>. The user and the password, the port
/// and
/// the settings behind <c>?</c> (names of Npgsql's connection string) may be left out.
/// </summary>
public sealed class PostgreSqlAddress
{
    // PostgreSQL's names have at most 63 bytes (NAMEDATALEN).
    private const int MaxNameLength = 63;

    /// <summary>Takes what is known already.</summary>
    /// <param name="connectionString">Npgsql's connection string of the database.</param>
    /// <param name="gallery">The gallery's schema: small letters, digits and <c>_</c>, a letter first, at most 63.</param>
    /// <exception cref="InvalidInputException">One of them cannot be; the message says why, without a password.</exception>
    public PostgreSqlAddress(string connectionString, string gallery)
    {
        ArgumentNullException.ThrowIfNull(connectionString);
        ArgumentNullException.ThrowIfNull(gallery);
        if (gallery.Length is 0 or > MaxNameLength || !char.IsAsciiLetterLower(gallery[0])
            || !gallery.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_'))
            throw new InvalidInputException(
                $"A gallery's name in PostgreSQL is expected to have small letters, digits and _, a letter first, at most {MaxNameLength}, found {OneLine.Quote(gallery)}.");
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(connectionString);
            (ConnectionString, Gallery) = (settings.ConnectionString, gallery);
            Name = FormattableString.Invariant($"postgresql://{settings.Host}:{settings.Port}/{settings.Database}/{gallery}");
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidOperationException)
        {
            throw new InvalidInputException(
                $"The settings of the database are not understood: {OneLine.Clean(e.Message, 200).TrimEnd('.')}.", e);
        }
    }

    /// <summary>Npgsql's connection string.</summary>
    public string ConnectionString { get; }

    /// <summary>The gallery's schema.</summary>
    public string Gallery { get; }

    /// <summary>The address without user and password.</summary>
    public string Name { get; }

    /// <summary>Connections that are used at once, 8 by default.</summary>
    public int MaxConnections { get; init; } = 8;

    /// <summary>Whether a text is such an address, by its beginning.</summary>
    public static bool IsOne(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.StartsWith("postgresql://", StringComparison.Ordinal) || text.StartsWith("postgres://", StringComparison.Ordinal);
    }

    /// <summary>Reads an address.</summary>
    /// <exception cref="InvalidInputException">It is none; the message says what is expected.</exception>
    public static PostgreSqlAddress Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] path = Uri.TryCreate(text, UriKind.Absolute, out var uri) && IsOne(text) ? uri.AbsolutePath.Trim('/').Split('/') : [];
        if (path.Length != 2 || path[0].Length == 0 || uri!.Host.Length == 0)
            throw new InvalidInputException(
                "A gallery in PostgreSQL is expected as postgresql://USER:PASSWORD@HOST:PORT/DATABASE/GALLERY; check the address.");
        var settings = new NpgsqlConnectionStringBuilder { Host = uri.Host, Database = Uri.UnescapeDataString(path[0]) };
        if (uri.Port > 0) settings.Port = uri.Port;
        string[] user = uri.UserInfo.Split(':', 2);
        if (user[0].Length > 0) settings.Username = Uri.UnescapeDataString(user[0]);
        if (user.Length == 2) settings.Password = Uri.UnescapeDataString(user[1]);
        foreach (string setting in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] pair = setting.Split('=', 2);
            try
            {
                settings[Uri.UnescapeDataString(pair[0])] = pair.Length == 2 ? Uri.UnescapeDataString(pair[1]) : "";
            }
            catch (Exception e) when (e is ArgumentException or FormatException or InvalidOperationException or KeyNotFoundException)
            {
                throw new InvalidInputException(
                    $"The setting {OneLine.Quote(pair[0])} is not understood: {OneLine.Clean(e.Message, 200).TrimEnd('.')}.", e);
            }
        }

        return new PostgreSqlAddress(settings.ConnectionString, Uri.UnescapeDataString(path[1]));
    }
}
