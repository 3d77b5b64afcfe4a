using System.Collections.Immutable;

namespace EfficientNetSharp.Recognition.Embedded;

/// <summary>Moments of writing, in their order.</summary>
internal enum WritingStep
{
    /// <summary>The transaction has begun: no other process writes.</summary>
    Begun,

    /// <summary>The rows are written and not on disk yet.</summary>
    Written,

    /// <summary>The rows are on disk, and the transaction does not name them yet.</summary>
    Flushed,

    /// <summary>The transaction is on disk.</summary>
    Committed,

    /// <summary>What was removed is overwritten.</summary>
    Erased,

    /// <summary>The old file of vectors is deleted.</summary>
    Compacted,
}

/// <summary>Changes an embedded gallery: one thread at a time here, one process at a time by the database's lock.</summary>
internal sealed class GalleryWriter(string folder, BlockLayout layout, Guid key) : IDisposable
{
    // Below so many dead rows a new file is not worth its writing.
    private const long DeadRowsToCompact = 1024;

    // Rows that are copied at once.
    private const int CopiedRows = 1024;

    private readonly SemaphoreSlim _turn = new(1);
    private GalleryConnection? _connection;
    private VectorFile? _vectors;

    public Action<WritingStep>? OnStep { get; set; }

    private GalleryConnection Connection => _connection ??= GalleryConnection.Open(GalleryFolder.DatabaseOf(folder));

    public ImmutableArray<long> Add(IReadOnlyList<GallerySample> samples, float[][] directions, CancellationToken cancellationToken)
    {
        if (samples.Count == 0) return [];
        return InTurn(() => Transact(state =>
        {
            FinishErasures(state);
            var ids = ImmutableArray.CreateBuilder<long>(samples.Count);
            var rows = new EncodedRow[samples.Count];
            for (int i = 0; i < rows.Length; i++)
            {
                byte[] bytes = new byte[layout.RowBytes];
                float scale = VectorCoding.Encode(directions[i], layout, bytes);
                rows[i] = new EncodedRow(checked((int)IdentityOf(samples[i].Identity)), scale, bytes);
                ids.Add(Insert(samples[i], state.Rows + i, rows[i]));
            }

            Connection.Prepare("UPDATE state SET rows = $rows", ("$rows", state.Rows + rows.Length)).ExecuteNonQuery();
            var vectors = Vectors(state);
            vectors.Write(state.Rows, rows);
            OnStep?.Invoke(WritingStep.Written);
            vectors.Flush();
            OnStep?.Invoke(WritingStep.Flushed);
            return ids.MoveToImmutable();
        }), cancellationToken);
    }

    public int Remove(string identity, CancellationToken cancellationToken) => InTurn(() =>
    {
        int removed = Transact(_ =>
        {
            if (Connection.Prepare("SELECT id FROM identities WHERE name = $name",
                ("$name", identity)).ExecuteScalar() is not long id) return 0;
            Connection.Prepare("INSERT INTO erasures (row) SELECT row FROM samples WHERE identity = $id", ("$id", id)).ExecuteNonQuery();
            int count = Connection.Prepare("DELETE FROM samples WHERE identity = $id", ("$id", id)).ExecuteNonQuery();
            Connection.Prepare("DELETE FROM identities WHERE id = $id", ("$id", id)).ExecuteNonQuery();
            return count;
        });
        if (removed > 0) CleanUp(cancellationToken);
        return removed;
    }, cancellationToken);

    public bool RemoveSample(long id, CancellationToken cancellationToken) => InTurn(() =>
    {
        bool removed = Transact(_ =>
        {
            if (Connection.Prepare("SELECT identity FROM samples WHERE id = $id",
                ("$id", id)).ExecuteScalar() is not long identity) return false;
            Connection.Prepare("INSERT INTO erasures (row) SELECT row FROM samples WHERE id = $id", ("$id", id)).ExecuteNonQuery();
            Connection.Prepare("DELETE FROM samples WHERE id = $id", ("$id", id)).ExecuteNonQuery();
            Connection.Prepare(
                "DELETE FROM identities WHERE id = $id AND NOT EXISTS (SELECT 1 FROM samples WHERE identity = $id)",
                    ("$id", identity)).ExecuteNonQuery();
            return true;
        });
        if (removed) CleanUp(cancellationToken);
        return removed;
    }, cancellationToken);

    public void Compact(CancellationToken cancellationToken) => InTurn(() =>
    {
        CompactNow(_ => true, cancellationToken);
        return true;
    }, cancellationToken);

    public void Dispose()
    {
        _turn.Wait();
        _connection?.Dispose();
        _vectors?.Dispose();
        _turn.Dispose();
    }

    private T InTurn<T>(Func<T> work, CancellationToken cancellationToken)
    {
        _turn.Wait(cancellationToken);
        try
        {
            return work();
        }
        finally
        {
            _turn.Release();
        }
    }

    private T Transact<T>(Func<GalleryState, T> work)
    {
        var connection = Connection;
        connection.BeginWriting();
        try
        {
            OnStep?.Invoke(WritingStep.Begun);
            var state = connection.ReadState();
            InPlace.EnsureKey(folder, key, state);
            var result = work(state);
            // What is written to files that were deleted would be acknowledged and lost.
            connection.EnsureInPlace();
            if (_vectors?.Generation == state.Generation) _vectors.EnsureInPlace();
            connection.Commit();
            OnStep?.Invoke(WritingStep.Committed);
            return result;
        }
        catch
        {
            connection.End();
            throw;
        }
    }

    // What was removed is acknowledged by then; if it is interrupted, the next change goes on with it.
    private void CleanUp(CancellationToken cancellationToken)
    {
        Transact(state =>
        {
            FinishErasures(state);
            return true;
        });
        Connection.Checkpoint();
        OnStep?.Invoke(WritingStep.Erased);
        CompactNow(dead => dead.Dead >= DeadRowsToCompact && dead.Dead > dead.Alive, cancellationToken);
    }

    private void FinishErasures(GalleryState state)
    {
        var rows = new List<long>();
        using (var reader = Connection.Prepare("SELECT row FROM erasures").ExecuteReader())
        {
            while (reader.Read()) rows.Add(reader.GetInt64(0));
        }

        if (rows.Count == 0) return;
        var vectors = Vectors(state);
        foreach (long row in rows.Where(row => row >= 0 && row < state.Rows)) vectors.Erase(row);
        vectors.Flush();
        Connection.Prepare("DELETE FROM erasures").ExecuteNonQuery();
    }

    private void CompactNow(Func<(long Dead, long Alive), bool> isWorth, CancellationToken cancellationToken)
    {
        bool compacted = Transact(state =>
        {
            long alive = (long)Connection.Prepare("SELECT count(*) FROM samples").ExecuteScalar()!;
            if (!isWorth((state.Rows - alive, alive))) return false;
            long generation = state.Generation + 1;
            string path = Path.Combine(folder, VectorFile.NameOf(generation));
            VectorFile.Create(path, layout, state.Key, generation);
            using (var next = VectorFile.Open(path, layout, state.Key, generation))
            using (var view = Vectors(state).View(state.Rows))
            {
                Copy(view, next, cancellationToken);
                next.Flush();
            }

            FolderFlush.Run(folder);
            Connection.Prepare("DELETE FROM erasures").ExecuteNonQuery();
            Connection.Prepare(
                "UPDATE state SET generation = $generation, rows = $rows", ("$generation", generation), ("$rows", alive)).ExecuteNonQuery();
            return true;
        });
        if (!compacted) return;
        DeleteOthers();
        OnStep?.Invoke(WritingStep.Compacted);
    }

    // New numbers are at most the old ones, so in rising order none is taken by a row that still has its old one.
    private void Copy(VectorView view, VectorFile next, CancellationToken cancellationToken)
    {
        var samples = new List<(long Id, long Row, int Identity)>();
        using (var reader = Connection.Prepare("SELECT id, row, identity FROM samples ORDER BY row").ExecuteReader())
        {
            while (reader.Read()) samples.Add((reader.GetInt64(0), reader.GetInt64(1), reader.GetInt32(2)));
        }

        for (int first = 0; first < samples.Count; first += CopiedRows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var part = samples[first..Math.Min(first + CopiedRows, samples.Count)];
            next.Write(first, [.. part.Select(one => new EncodedRow(one.Identity, view.ScaleOf(one.Row), view.Row(one.Row).ToArray()))]);
            for (int i = 0; i < part.Count; i++)
                Connection.Prepare("UPDATE samples SET row = $row WHERE id = $id", ("$row", (long)first + i),
                    ("$id", part[i].Id)).ExecuteNonQuery();
        }
    }

    // A system that does not delete what somebody has open leaves it to the next time.
    private void DeleteOthers()
    {
        string current = VectorFile.NameOf(Connection.ReadState().Generation);
        foreach (string path in Directory.EnumerateFiles(folder, "vectors-*.bin").Where(path => Path.GetFileName(path) != current))
        {
            try
            {
                File.Delete(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
            }
        }
    }

    private VectorFile Vectors(GalleryState state)
    {
        if (_vectors?.Generation == state.Generation) return _vectors;
        _vectors?.Dispose();
        _vectors = null;
        return _vectors = VectorFile.Open(Path.Combine(folder, VectorFile.NameOf(state.Generation)), layout, state.Key, state.Generation);
    }

    private long IdentityOf(string name) =>
        Connection.Prepare("SELECT id FROM identities WHERE name = $name", ("$name", name)).ExecuteScalar() as long?
        ?? (long)Connection.Prepare("INSERT INTO identities (name) VALUES ($name) RETURNING id", ("$name", name)).ExecuteScalar()!;

    private long Insert(GallerySample sample, long row, EncodedRow encoded) => (long)Connection.Prepare(
        "INSERT INTO samples (row, identity, source, content, enrolled, checksum) "
        + "VALUES ($row, $identity, $source, $content, $enrolled, $checksum) RETURNING id",
        ("$row", row), ("$identity", (long)encoded.Identity), ("$source", sample.Source), ("$content", sample.ContentHash),
        ("$enrolled", sample.Enrolled.ToUnixTimeMilliseconds()), ("$checksum", (long)encoded.Checksum)).ExecuteScalar()!;
}
