using System.Collections.Immutable;
using EfficientNetSharp.Recognition.Search;
using Microsoft.Data.Sqlite;

namespace EfficientNetSharp.Recognition.Embedded;

/// <summary>A gallery as it is at one moment: a reading transaction and the rows that it counts.</summary>
internal sealed class GallerySnapshot(
    GalleryConnection connection, VectorView view, string folder, Action<GalleryConnection> giveBack) : IDisposable
{
    private const string Columns = "s.id, i.name, s.source, s.content, s.enrolled, s.row, s.identity, s.checksum";

    private const string Joined = "FROM samples s JOIN identities i ON i.id = s.identity";

    private bool _isDisposed;

    public GalleryConnection Connection => connection;

    public VectorView View => view;

    /// <summary>Rows of what was removed that are not overwritten yet.</summary>
    public IReadOnlySet<long> Left()
    {
        var rows = new HashSet<long>();
        using var reader = connection.Prepare("SELECT row FROM erasures").ExecuteReader();
        while (reader.Read()) rows.Add(reader.GetInt64(0));
        return rows;
    }

    /// <summary>Embeddings with what is known of them, by their numbers; without those that are removed meanwhile.</summary>
    public IEnumerable<GallerySample> Samples(string? identity)
    {
        using var reader = (identity is null
            ? connection.Prepare($"SELECT {Columns} {Joined} ORDER BY s.id")
            : connection.Prepare($"SELECT {Columns} {Joined} WHERE i.name = $name ORDER BY s.id", ("$name", identity))).ExecuteReader();
        while (reader.Read())
        {
            float[] values = new float[view.Layout.Dimension];
            if (TryRead(reader, values)) yield return SampleOf(reader, values);
        }
    }

    /// <summary>The embedding of a number; <see langword="null"/> where there is none, or it is removed meanwhile.</summary>
    public GallerySample? TryFind(long id)
    {
        using var reader = connection.Prepare($"SELECT {Columns} {Joined} WHERE s.id = $id", ("$id", id)).ExecuteReader();
        if (!reader.Read()) return null;
        float[] values = new float[view.Layout.Dimension];
        return TryRead(reader, values) ? SampleOf(reader, values) : null;
    }

    /// <summary>Names of the identities with an embedding of an image file.</summary>
    public ImmutableArray<string> WithContent(string hash)
    {
        // Where no file is known, the hash is empty.
        if (hash.Length == 0) return [];
        var names = new SortedSet<string>(StringComparer.Ordinal);
        using var reader = connection.Prepare(
            $"SELECT i.name {Joined} WHERE s.content = $content AND s.content <> ''", ("$content", hash)).ExecuteReader();
        while (reader.Read()) names.Add(reader.GetString(0));
        return [.. names];
    }

    /// <summary>What is known of a row that was found; <see langword="null"/> where it is removed meanwhile.</summary>
    /// <param name="found">The row.</param>
    /// <param name="values">Receives its embedding.</param>
    public GallerySample? TryFind(IdentityScore found, float[] values)
    {
        using var reader = connection.Prepare($"SELECT {Columns} {Joined} WHERE s.row = $row", ("$row", found.Row)).ExecuteReader();
        if (reader.Read()) return TryRead(reader, values) ? SampleOf(reader, values) : null;
        if (view.IdentityOf(found.Row) == 0) return null;
        throw Damaged($"row {found.Row} belongs to nobody");
    }

    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        view.Dispose();
        giveBack(connection);
    }

    private static GallerySample SampleOf(SqliteDataReader reader, float[] values) => new()
    {
        Id = reader.GetInt64(0), Identity = reader.GetString(1), Source = reader.GetString(2), ContentHash = reader.GetString(3),
        Enrolled = DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(4)), Embedding = values,
    };

    // False where the row is removed meanwhile. A row that is not what was stored is never taken for an embedding.
    private bool TryRead(SqliteDataReader reader, float[] values)
    {
        long row = reader.GetInt64(5), identity = reader.GetInt64(6), checksum = reader.GetInt64(7);
        if (row < 0 || row >= view.Rows) throw Damaged($"row {row} is expected to be below {view.Rows}");
        float scale = view.ScaleOf(row);
        byte[] bytes = view.Row(row).ToArray();
        int stored = view.IdentityOf(row);
        if (stored == 0) return false;
        if (stored != identity || EncodedRow.ChecksumOf(bytes, scale) != checksum) throw Damaged(
            $"the values of row {row} are not those that were stored");
        VectorCoding.Decode(bytes, view.Layout, scale, values);
        return true;
    }

    private InvalidInputException Damaged(string how) => VectorFileHeader.Damaged(folder, how);
}
