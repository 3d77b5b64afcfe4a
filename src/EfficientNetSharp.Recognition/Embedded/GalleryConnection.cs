using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using EfficientNetSharp.Files;
using Microsoft.Data.Sqlite;

namespace EfficientNetSharp.Recognition.Embedded;

/// <summary>What the database counts at one moment.</summary>
/// <param name="Key">Ties the files of vectors to this gallery.</param>
/// <param name="Generation">Which file of vectors holds the rows.</param>
/// <param name="Rows">Rows that it holds, dead ones included.</param>
internal readonly record struct GalleryState(Guid Key, long Generation, long Rows);

/// <summary>A connection to a gallery's database; one thread uses it at a time.</summary>
internal sealed class GalleryConnection : IDisposable
{
    /// <summary>Seconds to wait for another writer; one holds the database for milliseconds.</summary>
    public const int TimeoutSeconds = 30;

    // "EfnG", the file's own kind (SQLite's PRAGMA application_id).
    private const int ApplicationId = 0x45666E47, FormatVersion = 1;

    private const string Schema =
        """
        CREATE TABLE state (
            one INTEGER PRIMARY KEY CHECK (one = 1), description TEXT NOT NULL, key BLOB NOT NULL,
            generation INTEGER NOT NULL, rows INTEGER NOT NULL) STRICT;
        CREATE TABLE identities (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE) STRICT;
        CREATE TABLE samples (
            id INTEGER PRIMARY KEY AUTOINCREMENT, row INTEGER NOT NULL UNIQUE, identity INTEGER NOT NULL REFERENCES identities (id),
            source TEXT NOT NULL, content TEXT NOT NULL, enrolled INTEGER NOT NULL, checksum INTEGER NOT NULL) STRICT;
        CREATE INDEX samples_identity ON samples (identity);
        CREATE INDEX samples_content ON samples (content) WHERE content <> '';
        CREATE TABLE erasures (row INTEGER PRIMARY KEY) STRICT;
        """;

    // A commit returns when it is on disk; what is deleted is overwritten; a file from elsewhere cannot run functions.
    private const string Settings =
        $"PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA synchronous = FULL; PRAGMA fullfsync = ON; "
        + "PRAGMA secure_delete = ON; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 30000;";

    private static readonly Lazy<string> ExpectedSchema = new(() =>
    {
        using var memory = new SqliteConnection("Data Source=:memory:;Pooling=False");
        memory.Open();
        Run(memory, Schema);
        return DescribeSchema(memory);
    });

    private readonly Dictionary<string, SqliteCommand> _prepared = new(StringComparer.Ordinal);

    private readonly string _path;
    private readonly FileIdentity? _identity;

    private GalleryConnection(SqliteConnection connection, string path)
    {
        (Sqlite, _path) = (connection, path);
        _identity = FileEntry.At(path).Identity;
    }

    public SqliteConnection Sqlite { get; }

    /// <summary>Makes a database, on disk when this returns.</summary>
    public static void Create(string path, GalleryDescription description, Guid key, long generation)
    {
        using var connection = new SqliteConnection(Text(path, SqliteOpenMode.ReadWriteCreate));
        connection.Open();
        Run(connection, Settings);
        Run(connection, "PRAGMA journal_mode = WAL;");
        using (var transaction = connection.BeginTransaction())
        {
            Run(connection, Schema);
            Run(connection, FormattableString.Invariant(
                $"PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {FormatVersion};"));
            using var insert = connection.CreateCommand();
            insert.CommandText = "INSERT INTO state (one, description, key, generation, rows) VALUES (1, $description, $key, $generation, 0)";
            insert.Parameters.AddWithValue("$description", GalleryJson.ToJson(description).ToJsonString());
            insert.Parameters.AddWithValue("$key", key.ToByteArray());
            insert.Parameters.AddWithValue("$generation", generation);
            insert.ExecuteNonQuery();
            transaction.Commit();
        }

        Run(connection, "PRAGMA wal_checkpoint(TRUNCATE);");
    }

    /// <summary>Opens a database and makes sure that it is a gallery's.</summary>
    /// <exception cref="InvalidInputException">It is another database.</exception>
    /// <exception cref="SqliteException">It cannot be opened or is damaged.</exception>
    public static GalleryConnection Open(string path)
    {
        var connection = OpenFile(path);
        try
        {
            Run(connection, Settings);
            if (Number(connection, "PRAGMA application_id") != ApplicationId)
                throw new InvalidInputException($"'{path}' is a database of something else; name the folder of a gallery.");
            long version = Number(connection, "PRAGMA user_version");
            if (version != FormatVersion)
            {
                throw new InvalidInputException(
                    $"The gallery in '{path}' is of format {version}, this version reads format {FormatVersion}; use a newer version.");
            }

            if (DescribeSchema(connection) != ExpectedSchema.Value)
                throw new InvalidInputException($"The database '{path}' has other tables than a gallery's; restore it from a copy.");
            return new GalleryConnection(connection, path);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public GalleryDescription ReadDescription()
    {
        string json = (string)Prepare("SELECT description FROM state").ExecuteScalar()!;
        return JsonNode.Parse(json) is JsonObject members
            ? GalleryJson.Parse(members)
            : throw new InvalidInputException("The gallery's description is no JSON object; restore the gallery from a copy.");
    }

    /// <summary>The state; within a transaction the moment that all its other reads are of.</summary>
    public GalleryState ReadState()
    {
        using var reader = Prepare("SELECT key, generation, rows FROM state").ExecuteReader();
        reader.Read();
        return new GalleryState(new Guid(reader.GetFieldValue<byte[]>(0)), reader.GetInt64(1), reader.GetInt64(2));
    }

    /// <summary>Makes sure that the database is still where it was opened.</summary>
    /// <exception cref="GalleryUnavailableException">It is gone, or another is in its place.</exception>
    public void EnsureInPlace() => InPlace.Ensure(_path, _identity);

    /// <summary>A statement, made ready once for this connection.</summary>
    public SqliteCommand Prepare(string sql, params ReadOnlySpan<(string Name, object Value)> values)
    {
        if (!_prepared.TryGetValue(sql, out var command))
        {
            command = Sqlite.CreateCommand();
            command.CommandText = sql;
            _prepared.Add(sql, command);
        }

        command.Parameters.Clear();
        foreach (var (name, value) in values) command.Parameters.AddWithValue(name, value);
        command.Transaction = Transaction;
        return command;
    }

    /// <summary>The transaction under way, which the library wants to be named by each statement.</summary>
    public SqliteTransaction? Transaction { get; private set; }

    /// <summary>Begins to read at one moment.</summary>
    public void BeginReading() => Transaction = Sqlite.BeginTransaction(deferred: true);

    /// <summary>Begins to write; waits for other writers, of other processes too.</summary>
    public void BeginWriting() => Transaction = Sqlite.BeginTransaction(deferred: false);

    public void Commit()
    {
        Transaction!.Commit();
        End();
    }

    /// <summary>Ends the transaction without what it wrote; nothing where there is none.</summary>
    public void End()
    {
        Transaction?.Dispose();
        Transaction = null;
    }

    /// <summary>Moves what lies in the log into the database and shortens the log to nothing, if nobody reads from it.</summary>
    public void Checkpoint() => Run(Sqlite, "PRAGMA wal_checkpoint(TRUNCATE);");

    public void Dispose()
    {
        End();
        foreach (var command in _prepared.Values) command.Dispose();
        Sqlite.Dispose();
    }

    private static SqliteConnection OpenFile(string path)
    {
        var connection = new SqliteConnection(Text(path, SqliteOpenMode.ReadWrite));
        try
        {
            connection.Open();
            Number(connection, "PRAGMA user_version");
            return connection;
        }
        catch (SqliteException e) when (e.SqliteErrorCode is CannotOpen or ReadOnly && IsAtRest(path))
        {
            // On a disk that is read-only nobody else can write either, so no locks are needed.
            connection.Dispose();
            connection = new SqliteConnection(Text($"file:{Uri.EscapeDataString(Path.GetFullPath(path))}?immutable=1",
                SqliteOpenMode.ReadOnly));
            connection.Open();
            return connection;
        }
    }

    private const int CannotOpen = 14, ReadOnly = 8;

    // Whether all is in the database itself and nothing in its log.
    private static bool IsAtRest(string path) => File.Exists(path) && !(new FileInfo(path + "-wal") is { Exists: true, Length: > 0 });

    private static string Text(string path, SqliteOpenMode mode) => new SqliteConnectionStringBuilder
    {
        DataSource = path, Mode = mode, Pooling = false, DefaultTimeout = TimeoutSeconds,
    }.ToString();

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static long Number(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (long)command.ExecuteScalar()!;
    }

    private static string DescribeSchema(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT type || ' ' || name || ' ' || tbl_name || ' ' || ifnull(sql, '') FROM sqlite_schema ORDER BY 1 LIMIT 100";
        using var reader = command.ExecuteReader();
        var lines = new List<string>();
        while (reader.Read()) lines.Add(reader.GetString(0));
        return string.Join('\n', lines);
    }

    /// <summary>A failure of the database as a line for people.</summary>
    public static Exception Explain(Exception exception, string gallery) => exception switch
    {
        SqliteException e => e.SqliteErrorCode switch
        {
            5 or 6 => new GalleryUnavailableException(
                gallery, $"another process has been writing to it for {TimeoutSeconds} seconds; try again when it is done", e),
            8 => new GalleryUnavailableException(gallery, "it is read-only; change its rights or copy it elsewhere", e),
            13 => new GalleryUnavailableException(gallery, "the disk is full; free some space", e),
            10 or 14 => new GalleryUnavailableException(
                gallery, $"its database cannot be read or written ({OneLine.Clean(e.Message, 100)}); check its folder and its rights", e),
            _ => Damaged(gallery, OneLine.Clean(e.Message, 100), e),
        },
        InvalidCastException or FormatException or OverflowException or InvalidOperationException or ArgumentException or JsonException =>
            Damaged(gallery, "its database holds other values than a gallery's", exception),
        FileNotFoundException or DirectoryNotFoundException =>
            Damaged(gallery, "its vectors are missing", exception),
        UnauthorizedAccessException or IOException and not GalleryUnavailableException =>
            new GalleryUnavailableException(gallery, WriteFailedException.ReasonOf(exception), exception),
        _ => exception,
    };

    private static InvalidInputException Damaged(string gallery, string how, Exception inner) => new(
        $"The gallery {OneLine.Quote(gallery, 300)} is damaged: {how}; restore its folder as a whole from a copy, or import an export.",
            inner);
}
