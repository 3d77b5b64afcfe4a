using System.IO.MemoryMappedFiles;
using System.Runtime.InteropServices;
using EfficientNetSharp.Files;
using Microsoft.Win32.SafeHandles;

namespace EfficientNetSharp.Recognition.Embedded;

/// <summary>A row on its way to a file.</summary>
internal readonly record struct EncodedRow(int Identity, float Scale, byte[] Bytes)
{
    /// <summary>Of the row and its scale.</summary>
    public uint Checksum => ChecksumOf(Bytes, Scale);

    public static uint ChecksumOf(ReadOnlySpan<byte> row, float scale) =>
        Embedded.Checksum.Of(row) ^ BitConverter.SingleToUInt32Bits(scale);
}

/// <summary>
/// A file of vectors, read through a map of its pages. It only ever grows: rows are added behind those that the database counts, and what
/// is removed is overwritten in place. So whoever holds an old map reads what it saw, or zeros.
/// </summary>
internal sealed unsafe class VectorFile : IDisposable
{
    // A larger file is mapped again each time that it has grown; it grows by an eighth, by no more than this.
    private const long MaxGrowthBytes = 64L << 20;

    private const int GrowthShare = 8;

    // More than any disk holds, and far from where its bytes could not be counted.
    private const long MaxRows = 1L << 40;

    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly SafeFileHandle _handle;
    private SafeFileHandle? _writing;
    private VectorMap? _map;

    private readonly FileIdentity? _identity;

    private VectorFile(string path, BlockLayout layout, long generation, SafeFileHandle handle)
    {
        (_path, Layout, Generation, _handle) = (path, layout, generation, handle);
        _identity = FileEntry.At(path).Identity;
    }

    public BlockLayout Layout { get; }

    /// <summary>Which of the gallery's files of vectors it is; each compaction makes the next.</summary>
    public long Generation { get; }

    public static string NameOf(long generation) => FormattableString.Invariant($"vectors-{generation}.bin");

    /// <summary>Makes a file without rows, on disk when this returns; its folder has still to be flushed.</summary>
    public static void Create(string path, BlockLayout layout, Guid key, long generation)
    {
        using var handle = File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.None);
        RandomAccess.Write(handle, VectorFileHeader.Write(layout, key, generation), 0);
        RandomAccess.FlushToDisk(handle);
    }

    /// <exception cref="InvalidInputException">It is not the file of that gallery.</exception>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    public static VectorFile Open(string path, BlockLayout layout, Guid key, long generation)
    {
        // A later file may take its place while this one is read.
        var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        try
        {
            Span<byte> header = stackalloc byte[VectorFileHeader.Bytes];
            header.Clear();
            RandomAccess.Read(handle, header, 0);
            VectorFileHeader.Check(header, path, layout, key, generation);
            return new VectorFile(path, layout, generation, handle);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>The rows, for as long as the result is not disposed.</summary>
    /// <exception cref="InvalidInputException">The file is shorter than so many rows.</exception>
    public VectorView View(long rows)
    {
        lock (_lock)
        {
            // Touching a map beyond the end of its file would end the process.
            long length = RandomAccess.GetLength(_handle);
            if (rows is < 0 or > MaxRows) throw VectorFileHeader.Damaged(_path, $"the database counts {rows} rows of it");
            long needed = rows == 0 ? 0 : Layout.FileBytes(rows);
            if (length < needed)
            {
                throw VectorFileHeader.Damaged(
                    _path, $"it is cut short, {length} bytes are there of {needed} for {NumberText.Counted(rows, "row")}");
            }

            if (_map is null || _map.Length < needed)
            {
                var map = new VectorMap(_handle, length);
                _map?.Release();
                _map = map;
            }

            return new VectorView(_map, Layout, rows);
        }
    }

    /// <summary>Writes rows behind others; nothing is on disk before <see cref="Flush"/>.</summary>
    public void Write(long first, ReadOnlySpan<EncodedRow> rows)
    {
        var handle = Writing();
        Grow(handle, first + rows.Length);
        while (!rows.IsEmpty)
        {
            int place = (int)(first % BlockLayout.RowsPerBlock), count = Math.Min(rows.Length, BlockLayout.RowsPerBlock - place);
            long start = Layout.BlockStart(first / BlockLayout.RowsPerBlock);
            int[] identities = new int[count];
            float[] scales = new float[count];
            byte[] bytes = new byte[checked(count * Layout.RowBytes)];
            for (int i = 0; i < count; i++)
            {
                (identities[i], scales[i]) = (rows[i].Identity, rows[i].Scale);
                rows[i].Bytes.CopyTo(bytes, i * Layout.RowBytes);
            }

            RandomAccess.Write(handle, bytes, start + Layout.RowsOffset + ((long)place * Layout.RowBytes));
            if (Layout.HasScales)
                RandomAccess.Write(handle, MemoryMarshal.AsBytes(scales.AsSpan()), start + BlockLayout.ScalesOffset
                    + (place * sizeof(float)));
            RandomAccess.Write(handle, MemoryMarshal.AsBytes(identities.AsSpan()), start + (place * sizeof(int)));
            first += count;
            rows = rows[count..];
        }
    }

    /// <summary>Overwrites a row with zeros, its identity first: whoever sees changed values sees that nobody has the row.</summary>
    public void Erase(long row)
    {
        var handle = Writing();
        long place = row % BlockLayout.RowsPerBlock, start = Layout.BlockStart(row / BlockLayout.RowsPerBlock);
        RandomAccess.Write(handle, new byte[sizeof(int)], start + (place * sizeof(int)));
        RandomAccess.Write(handle, new byte[Layout.RowBytes], start + Layout.RowsOffset + (place * Layout.RowBytes));
    }

    /// <summary>Makes sure that the file is still where it was opened.</summary>
    /// <exception cref="GalleryUnavailableException">It is gone, or another is in its place.</exception>
    public void EnsureInPlace() => InPlace.Ensure(_path, _identity);

    /// <summary>Brings what was written to disk.</summary>
    public void Flush() => RandomAccess.FlushToDisk(Writing());

    public void Dispose()
    {
        lock (_lock)
        {
            _map?.Release();
            _map = null;
            _writing?.Dispose();
            _handle.Dispose();
        }
    }

    private SafeFileHandle Writing() =>
        _writing ??= File.OpenHandle(_path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

    private void Grow(SafeFileHandle handle, long rows)
    {
        long length = RandomAccess.GetLength(handle), needed = Layout.FileBytes(rows);
        if (needed <= length) return;
        long more = Math.Min(length / GrowthShare, MaxGrowthBytes) / Layout.BlockBytes * Layout.BlockBytes;
        RandomAccess.SetLength(handle, needed + more);
    }
}

/// <summary>A map of a file's pages, which stays until the last view of it is disposed.</summary>
internal sealed unsafe class VectorMap
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _accessor;
    private int _users = 1;

    public VectorMap(SafeFileHandle handle, long length)
    {
        _file = MemoryMappedFile.CreateFromFile(handle, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        _accessor = _file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read);
        byte* pointer = null;
        _accessor.SafeMemoryMappedViewHandle.AcquirePointer(ref pointer);
        Pointer = pointer + _accessor.PointerOffset;
        Length = length;
    }

    public byte* Pointer { get; }

    public long Length { get; }

    public void Acquire() => Interlocked.Increment(ref _users);

    public void Release()
    {
        if (Interlocked.Decrement(ref _users) > 0) return;
        _accessor.SafeMemoryMappedViewHandle.ReleasePointer();
        _accessor.Dispose();
        _file.Dispose();
    }
}

/// <summary>Rows of a file as they lie in memory.</summary>
internal sealed unsafe class VectorView : IDisposable
{
    private readonly VectorMap _map;
    private int _isDisposed;

    /// <summary>Holds on to a map that is in use.</summary>
    public VectorView(VectorMap map, BlockLayout layout, long rows)
    {
        map.Acquire();
        (_map, Layout, Rows) = (map, layout, rows);
    }

    public BlockLayout Layout { get; }

    public long Rows { get; }

    public byte* Block(long block) => _map.Pointer + Layout.BlockStart(block);

    /// <summary>The number of a row's identity as it is now; 0 where nobody has the row any more.</summary>
    public int IdentityOf(long row) =>
        Volatile.Read(ref ((int*)Block(row / BlockLayout.RowsPerBlock))[row % BlockLayout.RowsPerBlock]);

    public float ScaleOf(long row) => Layout.HasScales
        ? ((float*)(Block(row / BlockLayout.RowsPerBlock) + BlockLayout.ScalesOffset))[row % BlockLayout.RowsPerBlock]
        : 1;

    public ReadOnlySpan<byte> Row(long row) => new(
        Block(row / BlockLayout.RowsPerBlock) + Layout.RowsOffset + (row % BlockLayout.RowsPerBlock * Layout.RowBytes), Layout.RowBytes);

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0) _map.Release();
    }
}
