using System.Net.Sockets;
using System.Text.Json;
using EfficientNetSharp.Files;
using Npgsql;

namespace EfficientNetSharp.Recognition.PostgreSql;

/// <summary>What the database says, as lines for people.</summary>
internal static class PostgreSqlErrors
{
    public static async Task<T> Explained<T>(string gallery, Func<Task<T>> work)
    {
        try
        {
            return await work().ConfigureAwait(false);
        }
        catch (Exception e) when (Explain(e, gallery) is { } explained)
        {
            throw explained;
        }
    }

    // Codes of PostgreSQL's documentation, appendix A.
    private static Exception? Explain(Exception exception, string gallery) => exception switch
    {
        PostgresException e => e.SqlState switch
        {
            "42P06" or "42P07" or "23505" => new InvalidInputException(
                $"There is a gallery '{gallery}' already; enroll into it, or give another name.", e),
            "42P01" or "3F000" => new InvalidInputException(
                $"There is no gallery '{gallery}'; make one with 'effnet gallery create', or check the name.", e),
            "3D000" => new InvalidInputException($"There is no such database for '{gallery}'; check the name.", e),
            "28P01" or "28000" => new InvalidInputException($"The database refuses the user of '{gallery}'; check name and password.", e),
            "42501" => new InvalidInputException($"The user of '{gallery}' may not do this; ask for the rights.", e),
            "0A000" or "58P01" => new InvalidInputException(
                $"The database of '{gallery}' lacks the extension pgvector; install it on the server.", e),
            "53100" => new GalleryUnavailableException(gallery, "the server's disk is full; free some space", e),
            _ => new GalleryUnavailableException(gallery,
                $"the database says: {OneLine.Clean(e.MessageText, 200).TrimEnd('.')} ({e.SqlState})", e),
        },
        NpgsqlException or SocketException or TimeoutException or EndOfStreamException => new GalleryUnavailableException(
            gallery,
                $"the database does not answer ({OneLine.Clean(exception.Message, 150).TrimEnd('.')}); what was acknowledged is kept, try again when it is there", exception),
        // What the library finds where the server is something else.
        InvalidCastException or JsonException or OverflowException or ArgumentOutOfRangeException => new InvalidInputException(
            $"The tables of '{gallery}' hold other values than a gallery's: {OneLine.Clean(exception.Message, 150).TrimEnd('.')}; restore them from a copy.", exception),
        _ => null,
    };
}
