using System.Collections.Immutable;
using System.Data;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using EfficientNetSharp.Files;
using Npgsql;
using NpgsqlTypes;
using Pgvector;

namespace EfficientNetSharp.Recognition.PostgreSql;

/// <summary>
/// A gallery in PostgreSQL with the extension pgvector: a schema of the gallery's name with its description, identities and embeddings. Any
/// number of processes on any machines share it; searches look at every embedding.
/// </summary>
/// <remarks>What is acknowledged is as durable as the server's settings make a commit (<c>synchronous_commit</c>).</remarks>
public sealed class PostgreSqlGallery : IGalleryStore
{
    // Embeddings that are read at once; between, other work may have the connection.
    private const int PageSize = 256;

    // pgvector's largest vector (README, "Vector Type").
    private const int MaxLength = 16_000;

    private const int FormatVersion = 1;

    private readonly NpgsqlDataSource _source;
    private readonly SemaphoreSlim _connections;
    private readonly string _schema;

    private PostgreSqlGallery(PostgreSqlAddress address, NpgsqlDataSource source, GalleryDescription description, int maxConnections)
    {
        (_source, Name, Description) = (source, address.Name, description);
        _schema = $"\"{address.Gallery}\"";
        _connections = new SemaphoreSlim(maxConnections);
    }

    /// <inheritdoc />
    public string Name { get; }

    /// <inheritdoc />
    public GalleryDescription Description { get; }

    private string SelectSamples =>
        $"SELECT s.id, i.name, s.source, s.content, s.enrolled, s.embedding FROM {_schema}.samples s JOIN {_schema}.identities i ON i.id = s.identity";

    private bool IsHalf => Description.Precision == VectorPrecision.F16;

    /// <summary>Makes a gallery without embeddings, and the extension where the database has not got it yet.</summary>
    /// <param name="address">Where: see <see cref="PostgreSqlAddress"/>.</param>
    /// <param name="description">What it is made for; values as float32 (pgvector's <c>vector</c>) or float16 (<c>halfvec</c>).</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidInputException">There is a gallery of that name, or pgvector does not hold such values.</exception>
    /// <exception cref="GalleryUnavailableException">The database does not answer.</exception>
    public static async Task<PostgreSqlGallery> CreateAsync(
        PostgreSqlAddress address, GalleryDescription description, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentNullException.ThrowIfNull(description);
        int length = description.Fingerprint.Length;
        if (description.Precision == VectorPrecision.I8)
            throw new InvalidInputException("pgvector holds values as float32 or float16, found int8; make the gallery with one of these.");
        if (length > MaxLength)
            throw new InvalidInputException(
                $"pgvector holds embeddings of at most {MaxLength} values, found {length}; use an embedded gallery.");
        string type = FormattableString.Invariant($"{(description.Precision == VectorPrecision.F16 ? "halfvec" : "vector")}({length})");
        await PostgreSqlErrors.Explained(address.Name, async () =>
        {
            await using var source = NpgsqlDataSource.Create(address.ConnectionString);
            await using var connection = await source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
            string[] statements =
            [
                "CREATE EXTENSION IF NOT EXISTS vector",
                $"CREATE SCHEMA \"{address.Gallery}\"",
                $"CREATE TABLE \"{address.Gallery}\".gallery (one integer PRIMARY KEY CHECK (one = 1), format integer NOT NULL, description text NOT NULL)",
                // Names are compared character by character, whatever the database's language.
                $"CREATE TABLE \"{address.Gallery}\".identities (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text COLLATE \"C\" NOT NULL UNIQUE)",
                $"CREATE TABLE \"{address.Gallery}\".samples (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, identity bigint NOT NULL REFERENCES \"{address.Gallery}\".identities (id), source text NOT NULL, content text NOT NULL, enrolled bigint NOT NULL, embedding {type} NOT NULL)",
                $"CREATE INDEX ON \"{address.Gallery}\".samples (identity)",
                $"CREATE INDEX ON \"{address.Gallery}\".samples (content) WHERE content <> ''",
            ];
            foreach (string statement in statements)
            {
                await using var command = new NpgsqlCommand(statement, connection, transaction);
                await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            }

            await using var insert = new NpgsqlCommand($"INSERT INTO \"{address.Gallery}\".gallery VALUES (1, $1, $2)", connection,
                transaction);
            insert.Parameters.Add(new() { Value = FormatVersion });
            insert.Parameters.Add(new() { Value = GalleryJson.ToJson(description).ToJsonString() });
            await insert.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            return true;
        }).ConfigureAwait(false);
        return await OpenAsync(address, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens a gallery.</summary>
    /// <param name="address">Where: see <see cref="PostgreSqlAddress"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="InvalidInputException">There is none of that name.</exception>
    /// <exception cref="GalleryUnavailableException">The database does not answer.</exception>
    public static async Task<PostgreSqlGallery> OpenAsync(PostgreSqlAddress address, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(address);
        var builder = new NpgsqlDataSourceBuilder(address.ConnectionString);
        builder.UseVector();
        var source = builder.Build();
        try
        {
            var description = await PostgreSqlErrors.Explained(address.Name, async () =>
            {
                await using var command = source.CreateCommand($"SELECT format, description FROM \"{address.Gallery}\".gallery");
                await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
                if (!await reader.ReadAsync(cancellationToken).ConfigureAwait(false)
                    || JsonNode.Parse(reader.GetString(1)) is not JsonObject members)
                    throw new InvalidInputException($"'{address.Name}' has no description of a gallery; make the gallery again.");
                if (reader.GetInt32(0) != FormatVersion)
                    throw new InvalidInputException(
                        $"'{address.Name}' is of format {reader.GetInt32(0)}, this version reads format {FormatVersion}; use a newer version.");
                return GalleryJson.Parse(members);
            }).ConfigureAwait(false);
            return new PostgreSqlGallery(address, source, description, address.MaxConnections);
        }
        catch
        {
            await source.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc />
    public Task<GallerySize> CountAsync(CancellationToken cancellationToken = default) => UseAsync(async connection =>
    {
        await using var command = new NpgsqlCommand(
            $"SELECT (SELECT count(*) FROM {_schema}.identities), (SELECT count(*) FROM {_schema}.samples)", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        return new GallerySize(reader.GetInt64(0), reader.GetInt64(1));
    }, cancellationToken);

    /// <inheritdoc />
    public Task<ImmutableArray<long>> AddAsync(IReadOnlyList<GallerySample> samples, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(samples);
        float[][] directions = [.. samples.Select(sample => sample.CheckedDirection(Description.Fingerprint.Length))];
        if (samples.Count == 0) return Task.FromResult(ImmutableArray<long>.Empty);
        return UseAsync(async connection =>
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
            // In one order for all writers, so that none waits for one that waits for it.
            var identities = new Dictionary<string, long>(StringComparer.Ordinal);
            foreach (string name in samples.Select(sample => sample.Identity).Distinct(StringComparer.Ordinal).Order(
                StringComparer.Ordinal))
            {
                identities.Add(name, (long)(await ScalarAsync(
                    connection,
                        $"INSERT INTO {_schema}.identities (name) VALUES ($1) ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id",
                    cancellationToken, name).ConfigureAwait(false))!);
            }

            var ids = ImmutableArray.CreateBuilder<long>(samples.Count);
            for (int i = 0; i < samples.Count; i++)
            {
                ids.Add((long)(await ScalarAsync(
                    connection,
                        $"INSERT INTO {_schema}.samples (identity, source, content, enrolled, embedding) VALUES ($1, $2, $3, $4, $5) RETURNING id",
                    cancellationToken, identities[samples[i].Identity], samples[i].Source, samples[i].ContentHash,
                    samples[i].Enrolled.ToUnixTimeMilliseconds(), ToVector(directions[i])).ConfigureAwait(false))!);
            }

            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            return ids.MoveToImmutable();
        }, cancellationToken);
    }

    /// <inheritdoc />
    public Task<int> RemoveAsync(string identity, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(identity);
        return UseAsync(async connection =>
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
            if (await ScalarAsync(connection, $"SELECT id FROM {_schema}.identities WHERE name = $1 FOR UPDATE", cancellationToken,
                identity).ConfigureAwait(false) is not long id)
                return 0;
            int count = await ExecuteAsync(connection, $"DELETE FROM {_schema}.samples WHERE identity = $1", cancellationToken,
                id).ConfigureAwait(false);
            await ExecuteAsync(connection, $"DELETE FROM {_schema}.identities WHERE id = $1", cancellationToken, id).ConfigureAwait(false);
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            return count;
        }, cancellationToken);
    }

    /// <inheritdoc />
    public Task<bool> RemoveSampleAsync(long id, CancellationToken cancellationToken = default) => UseAsync(async connection =>
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        if (await ScalarAsync(
            connection,
                $"SELECT i.id FROM {_schema}.identities i JOIN {_schema}.samples s ON s.identity = i.id WHERE s.id = $1 FOR UPDATE OF i",
            cancellationToken, id).ConfigureAwait(false) is not long identity) return false;
        int count = await ExecuteAsync(connection, $"DELETE FROM {_schema}.samples WHERE id = $1", cancellationToken, id).ConfigureAwait(
            false);
        await ExecuteAsync(
            connection,
                $"DELETE FROM {_schema}.identities WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM {_schema}.samples WHERE identity = $1)",
            cancellationToken, identity).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return count > 0;
    }, cancellationToken);

    /// <inheritdoc />
    public async IAsyncEnumerable<GalleryIdentity> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var identities = await UseAsync(async connection =>
        {
            await using var command = new NpgsqlCommand(
                $"SELECT i.name, count(*), max(s.enrolled) FROM {_schema}.identities i JOIN {_schema}.samples s ON s.identity = i.id GROUP BY i.id", connection);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            var found = new List<GalleryIdentity>();
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                found.Add(new GalleryIdentity(reader.GetString(0), checked((int)reader.GetInt64(1)),
                    DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(2))));
            return found;
        }, cancellationToken).ConfigureAwait(false);
        // The database orders by UTF-8's bytes, which is not by code units.
        foreach (var identity in identities.OrderBy(identity => identity.Name, StringComparer.Ordinal)) yield return identity;
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<GallerySample> ReadAsync(
        string? identity = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (long last = 0; ;)
        {
            var page = await UseAsync(connection => ReadPageAsync(connection, identity, last, cancellationToken),
                cancellationToken).ConfigureAwait(false);
            foreach (var sample in page) yield return sample;
            if (page.Count < PageSize) yield break;
            last = page[^1].Id;
        }
    }

    /// <inheritdoc />
    public Task<ImmutableArray<GallerySample>> FindAsync(IReadOnlyList<long> ids, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return UseAsync(async connection =>
        {
            await using var command = new NpgsqlCommand($"{SelectSamples} WHERE s.id = ANY($1) ORDER BY s.id", connection);
            command.Parameters.Add(new() { Value = ids.Distinct().ToArray() });
            return (await ReadSamplesAsync(command, cancellationToken).ConfigureAwait(false)).ToImmutableArray();
        }, cancellationToken);
    }

    /// <inheritdoc />
    public Task<ImmutableArray<ImmutableArray<string>>> FindContentAsync(
        IReadOnlyList<string> contentHashes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(contentHashes);
        return UseAsync(async connection =>
        {
            await using var command = new NpgsqlCommand(
                $"SELECT s.content, i.name FROM {_schema}.samples s JOIN {_schema}.identities i ON i.id = s.identity WHERE s.content = ANY($1) AND s.content <> ''", connection);
            command.Parameters.Add(new() { Value = contentHashes.Distinct(StringComparer.Ordinal).ToArray() });
            var owners = new Dictionary<string, SortedSet<string>>(StringComparer.Ordinal);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                if (!owners.TryGetValue(reader.GetString(0), out var names)) owners.Add(reader.GetString(0),
                    names = new(StringComparer.Ordinal));
                names.Add(reader.GetString(1));
            }

            return contentHashes.Select(hash => owners.TryGetValue(hash, out var names) ? [.. names]
                : ImmutableArray<string>.Empty).ToImmutableArray();
        }, cancellationToken);
    }

    /// <inheritdoc />
    public Task<ImmutableArray<ImmutableArray<GalleryMatch>>> SearchAsync(
        IReadOnlyList<ReadOnlyMemory<float>> queries, int count, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, IGallerySearch.MaxMatches);
        float[][] directions = [.. queries.Select(query => Description.DirectionOf(query.Span))];
        return UseAsync(async connection =>
        {
            // All queries see one moment.
            await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead,
                cancellationToken).ConfigureAwait(false);
            var all = ImmutableArray.CreateBuilder<ImmutableArray<GalleryMatch>>(directions.Length);
            foreach (float[] direction in directions) all.Add(
                await SearchAsync(connection, direction, count, cancellationToken).ConfigureAwait(false));
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            return all.MoveToImmutable();
        }, cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync().ConfigureAwait(false);
        _connections.Dispose();
    }

    // The negative product of vectors of length 1 is the negative cosine (pgvector's <#>). Ties go to the smaller number.
    private async Task<ImmutableArray<GalleryMatch>> SearchAsync(
        NpgsqlConnection connection, float[] direction, int count, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"""
            SELECT i.name, best.id, best.source, best.distance FROM (
                SELECT DISTINCT ON (identity) identity, id, source, embedding <#> $1 AS distance FROM {_schema}.samples
                ORDER BY identity, embedding <#> $1, id) best
            JOIN {_schema}.identities i ON i.id = best.identity ORDER BY best.distance, best.id LIMIT $2
            """, connection);
        command.Parameters.Add(new() { Value = ToVector(direction) });
        command.Parameters.Add(new() { Value = count });
        var matches = ImmutableArray.CreateBuilder<GalleryMatch>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            matches.Add(new GalleryMatch(reader.GetString(0), (float)Math.Clamp(-reader.GetDouble(3), -1, 1), reader.GetInt64(1),
                reader.GetString(2)));
        return matches.ToImmutable();
    }

    private async Task<List<GallerySample>> ReadPageAsync(
        NpgsqlConnection connection, string? identity, long last, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            $"{SelectSamples} WHERE s.id > $1 AND ($2::text IS NULL OR i.name = $2) ORDER BY s.id LIMIT {PageSize}", connection);
        command.Parameters.Add(new() { Value = last });
        command.Parameters.Add(new() { Value = (object?)identity ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        return await ReadSamplesAsync(command, cancellationToken).ConfigureAwait(false);
    }

    private async Task<List<GallerySample>> ReadSamplesAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var samples = new List<GallerySample>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            samples.Add(new GallerySample
            {
                Id = reader.GetInt64(0), Identity = reader.GetString(1), Source = reader.GetString(2), ContentHash = reader.GetString(3),
                Enrolled = DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(4)),
                Embedding = IsHalf
                    ? reader.GetFieldValue<HalfVector>(5).Memory.ToArray().Select(value => (float)value).ToArray()
                    : reader.GetFieldValue<Vector>(5).Memory,
            });
        }

        return samples;
    }

    private object ToVector(float[] direction) => IsHalf ? new HalfVector(direction.Select(value => (Half)value).ToArray())
        : new Vector(direction);

    private async Task<T> UseAsync<T>(Func<NpgsqlConnection, Task<T>> work, CancellationToken cancellationToken)
    {
        await _connections.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await PostgreSqlErrors.Explained(Name, async () =>
            {
                await using var connection = await _source.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
                return await work(connection).ConfigureAwait(false);
            }).ConfigureAwait(false);
        }
        finally
        {
            _connections.Release();
        }
    }

    private static async Task<object?> ScalarAsync(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params object[] values)
    {
        await using var command = Command(connection, sql, values);
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async Task<int> ExecuteAsync(
        NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params object[] values)
    {
        await using var command = Command(connection, sql, values);
        return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, object[] values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (object value in values) command.Parameters.Add(new() { Value = value });
        return command;
    }
}
