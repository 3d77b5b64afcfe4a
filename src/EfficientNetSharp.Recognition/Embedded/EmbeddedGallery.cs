using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using EfficientNetSharp.Recognition.Search;

namespace EfficientNetSharp.Recognition.Embedded;

/// <summary>
/// A gallery in one folder: names and metadata in SQLite, vectors in a file beside it that is searched exactly from its mapped pages.
/// </summary>
/// <remarks>
/// <para>Any number of threads and processes of one machine read at once; one at a time writes, and others wait for it. The folder has to
/// lie on a disk of this machine, as SQLite's log needs memory that processes share.</para>
/// <para>
/// Embeddings are written behind the rows that the database counts and flushed (fsync) before the transaction commits that counts and
/// names them, and a commit returns when it is on disk. So whatever moment a process or the machine ends at, the database names rows that
/// are
/// whole, and what lies behind them is overwritten by the next.
/// </para>
/// </remarks>
public sealed class EmbeddedGallery : IGalleryStore
{
    // A file of vectors may be replaced between the moment that it is named and the moment that it is opened.
    private const int Attempts = 5;

    private readonly string _folder;
    private readonly ConcurrentBag<GalleryConnection> _connections = [];
    private readonly Lock _lock = new();
    private readonly GalleryWriter _writer;
    private VectorFile? _vectors;
    private bool _isDisposed;

    private readonly Guid _key;

    private EmbeddedGallery(string folder, GalleryDescription description, Guid key)
    {
        (_folder, Description, _key) = (folder, description, key);
        _writer = new GalleryWriter(folder, Layout, key);
    }

    /// <inheritdoc />
    public string Name => _folder;

    /// <inheritdoc />
    public GalleryDescription Description { get; }

    /// <summary>Called at each step of writing, so that tests can look at what is on disk between them.</summary>
    internal Action<WritingStep>? OnStep
    {
        set => _writer.OnStep = value;
    }

    private BlockLayout Layout => new(Description.Fingerprint.Length, Description.Precision);

    /// <summary>Makes a gallery without embeddings; on disk when this returns.</summary>
    /// <param name="folder">Its folder, which is made; an empty one may be there.</param>
    /// <param name="description">What it is made for.</param>
    /// <exception cref="InvalidInputException">Something is there already, or no folder can be made there.</exception>
    /// <exception cref="IOException">Making it failed, for example because the disk is full.</exception>
    public static EmbeddedGallery Create(string folder, GalleryDescription description) => Create(folder, description, Guid.NewGuid());

    /// <summary>The same with a key that is known beforehand, for files that are to be the same each time.</summary>
    internal static EmbeddedGallery Create(string folder, GalleryDescription description, Guid key)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(description);
        GalleryFolder.Create(folder, description, key);
        return Open(folder);
    }

    /// <summary>Whether a folder is a gallery; whether it is a usable one, <see cref="Open"/> says.</summary>
    public static bool Exists(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return GalleryFolder.IsGallery(folder);
    }

    /// <summary>Opens a gallery.</summary>
    /// <param name="folder">Its folder.</param>
    /// <exception cref="InvalidInputException">It is none, or it is damaged or cut short.</exception>
    /// <exception cref="GalleryUnavailableException">It cannot be read.</exception>
    public static EmbeddedGallery Open(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        GalleryFolder.EnsureGallery(folder);
        EmbeddedGallery? gallery = null;
        try
        {
            var connection = GalleryConnection.Open(GalleryFolder.DatabaseOf(folder));
            try
            {
                gallery = new EmbeddedGallery(folder, connection.ReadDescription(), connection.ReadState().Key);
                gallery._connections.Add(connection);
            }
            finally
            {
                if (gallery is null) connection.Dispose();
            }

            // A file that is cut short is told of at once.
            using var snapshot = gallery.Read();
            return gallery;
        }
        catch (Exception e)
        {
            gallery?.Close();
            var explained = GalleryConnection.Explain(e, folder);
            if (explained == e) throw;
            throw explained;
        }
    }

    /// <inheritdoc />
    public Task<GallerySize> CountAsync(CancellationToken cancellationToken = default) => Guarded(() =>
    {
        using var snapshot = Read();
        using var reader = snapshot.Connection.Prepare(
            "SELECT (SELECT count(*) FROM identities), (SELECT count(*) FROM samples)").ExecuteReader();
        reader.Read();
        return new GallerySize(reader.GetInt64(0), reader.GetInt64(1));
    });

    /// <inheritdoc />
    public Task<ImmutableArray<long>> AddAsync(IReadOnlyList<GallerySample> samples, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(samples);
        var rows = samples.Select(sample => sample.CheckedDirection(Description.Fingerprint.Length)).ToArray();
        return Guarded(() => _writer.Add(samples, rows, cancellationToken));
    }

    /// <inheritdoc />
    public Task<int> RemoveAsync(string identity, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(identity);
        return Guarded(() => _writer.Remove(identity, cancellationToken));
    }

    /// <inheritdoc />
    public Task<bool> RemoveSampleAsync(long id, CancellationToken cancellationToken = default) =>
        Guarded(() => _writer.RemoveSample(id, cancellationToken));

    /// <summary>
    /// Writes the living rows into a new file, without those of what was removed; removals do so by themselves once these are most.
    /// </summary>
    /// <exception cref="IOException">Writing failed; the gallery is as before.</exception>
    public Task CompactAsync(CancellationToken cancellationToken = default) => Guarded(() =>
    {
        _writer.Compact(cancellationToken);
        return true;
    });

    /// <inheritdoc />
    public async IAsyncEnumerable<GalleryIdentity> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var identity in await Guarded(ListIdentities).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return identity;
        }
    }

    /// <inheritdoc />
    public async IAsyncEnumerable<GallerySample> ReadAsync(
        string? identity = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var snapshot = await Guarded(Read).ConfigureAwait(false);
        using var samples = snapshot.Samples(identity).GetEnumerator();
        while (await Guarded(samples.MoveNext).ConfigureAwait(false))
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return samples.Current;
        }
    }

    /// <inheritdoc />
    public Task<ImmutableArray<GallerySample>> FindAsync(IReadOnlyList<long> ids, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return Guarded(() =>
        {
            using var snapshot = Read();
            var found = ImmutableArray.CreateBuilder<GallerySample>();
            foreach (long id in ids.Distinct().Order())
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (snapshot.TryFind(id) is { } sample) found.Add(sample);
            }

            return found.ToImmutable();
        });
    }

    /// <inheritdoc />
    public Task<ImmutableArray<ImmutableArray<string>>> FindContentAsync(
        IReadOnlyList<string> contentHashes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(contentHashes);
        return Guarded(() =>
        {
            using var snapshot = Read();
            return contentHashes.Select(snapshot.WithContent).ToImmutableArray();
        });
    }

    /// <inheritdoc />
    public Task<ImmutableArray<ImmutableArray<GalleryMatch>>> SearchAsync(
        IReadOnlyList<ReadOnlyMemory<float>> queries, int count, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, IGallerySearch.MaxMatches);
        float[][] directions = [.. queries.Select(query => Description.DirectionOf(query.Span))];
        return Guarded(() =>
        {
            for (int attempt = 1; ; attempt++)
            {
                using var snapshot = Read();
                var left = snapshot.Left();
                var found = new BlockSearch(snapshot.View, left, count).Run(directions, cancellationToken);
                // What was removed while it was found is looked for again without it.
                if (TryName(snapshot, found, directions) is { } named) return named;
                if (attempt == Attempts) throw new GalleryUnavailableException(_folder,
                    "it changes faster than it can be searched; try again");
            }
        });
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        Close();
        return ValueTask.CompletedTask;
    }

    // Scores are computed again from the rows as they are held, so that they do not depend on the way they were found.
    private static ImmutableArray<ImmutableArray<GalleryMatch>>? TryName(GallerySnapshot snapshot, TopIdentities[] found,
        float[][] directions)
    {
        var all = ImmutableArray.CreateBuilder<ImmutableArray<GalleryMatch>>(found.Length);
        float[] values = new float[directions.Length == 0 ? 0 : directions[0].Length];
        for (int i = 0; i < found.Length; i++)
        {
            var matches = new List<(GalleryMatch Match, long Row)>();
            foreach (var one in found[i].Best)
            {
                if (snapshot.TryFind(one, values) is not { } sample) return null;
                matches.Add((new GalleryMatch(sample.Identity, sample.CosineWith(directions[i]), sample.Id, sample.Source), one.Row));
            }

            all.Add([.. matches.OrderByDescending(one => one.Match.Score).ThenBy(one => one.Row).Select(one => one.Match)]);
        }

        return all.MoveToImmutable();
    }

    private List<GalleryIdentity> ListIdentities()
    {
        using var snapshot = Read();
        using var reader = snapshot.Connection.Prepare(
            "SELECT i.name, count(*), max(s.enrolled) FROM identities i JOIN samples s ON s.identity = i.id GROUP BY i.id").ExecuteReader();
        var identities = new List<GalleryIdentity>();
        while (reader.Read())
        {
            identities.Add(new GalleryIdentity(
                reader.GetString(0), reader.GetInt32(1), DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(2))));
        }

        identities.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return identities;
    }

    private GallerySnapshot Read()
    {
        for (int attempt = 1; ; attempt++)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (!_connections.TryTake(out var connection)) connection = GalleryConnection.Open(GalleryFolder.DatabaseOf(_folder));
            try
            {
                connection.EnsureInPlace();
                connection.BeginReading();
                return new GallerySnapshot(connection, ViewOf(connection.ReadState()), _folder, Return);
            }
            catch (FileNotFoundException) when (attempt < Attempts)
            {
                Return(connection);
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        }
    }

    private void Return(GalleryConnection connection)
    {
        connection.End();
        if (_isDisposed) connection.Dispose();
        else _connections.Add(connection);
    }

    private VectorView ViewOf(GalleryState state)
    {
        InPlace.EnsureKey(_folder, _key, state);
        lock (_lock)
        {
            if (_vectors is null || _vectors.Generation != state.Generation)
            {
                var next = VectorFile.Open(
                    Path.Combine(_folder, VectorFile.NameOf(state.Generation)), Layout, state.Key, state.Generation);
                _vectors?.Dispose();
                _vectors = next;
            }

            return _vectors.View(state.Rows);
        }
    }

    private Task<T> Guarded<T>(Func<T> work)
    {
        try
        {
            return Task.FromResult(work());
        }
        catch (Exception e)
        {
            return Task.FromException<T>(e is ObjectDisposedException ? e : GalleryConnection.Explain(e, _folder));
        }
    }

    private void Close()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        _writer.Dispose();
        while (_connections.TryTake(out var connection)) connection.Dispose();
        lock (_lock)
        {
            _vectors?.Dispose();
            _vectors = null;
        }
    }
}
