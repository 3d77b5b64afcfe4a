using System.Buffers.Binary;
using System.Collections.Immutable;
using System.IO.Compression;
using System.Text;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Formats.Zip;

/// <summary>
/// The directory of a zip archive (PKWARE's APPNOTE 6.3, with its 64-bit fields), by which entries are read at their place in
/// the file, from many threads at once. Stored and deflated entries are known.
/// </summary>
/// <remarks>
/// <see cref="ZipArchive"/> reads entries one at a time and hides where they lie; weights that are stored want to be read where
/// they are.
/// </remarks>
internal sealed class ZipDirectory
{
    // Sizes and signatures of APPNOTE 4.3: local header, directory entry, end of directory, its 64-bit locator and record.
    private const int LocalBytes = 30, EntryBytes = 46, EndBytes = 22, LocatorBytes = 20, End64Bytes = 56;
    private const uint LocalSignature = 0x04034b50, EntrySignature = 0x02014b50, EndSignature = 0x06054b50;
    private const uint LocatorSignature = 0x07064b50, End64Signature = 0x06064b50;

    // A field of this value says that the true one is in the 64-bit extra field.
    private const uint In64 = uint.MaxValue;

    // Deflate's best is 258 bytes for 2 bits: zlib's documentation gives 1032 to 1.
    private const long MaxRatio = 1032;

    // ImageNet's 1.3 million entries take 130 MB.
    private const int MaxDirectoryBytes = 1 << 30;

    private readonly Dictionary<string, ZipEntry> _byName = new(StringComparer.Ordinal);
    private readonly string _kind;

    private ZipDirectory(InputFile file, ImmutableArray<ZipEntry> entries, string kind)
    {
        (File, Entries, _kind) = (file, entries, kind);
        foreach (var entry in entries)
        {
            // Folders may be named again and again.
            if (!_byName.TryAdd(entry.Name, entry) && !entry.IsFolder) throw Damaged($"it has two entries {OneLine.Quote(entry.Name)}");
        }
    }

    public InputFile File { get; }

    public ImmutableArray<ZipEntry> Entries { get; }

    /// <summary>Reads an archive's directory.</summary>
    /// <param name="file">The archive.</param>
    /// <param name="kind">What it is to be, in messages; see <see cref="FileErrors"/>.</param>
    /// <param name="max">The most bytes that its entries may have together.</param>
    /// <exception cref="InvalidInputException">It is damaged, encrypted or compressed by another method than deflate.</exception>
    public static ZipDirectory Read(InputFile file, string kind, long max)
    {
        var (position, length) = FindDirectory(file, kind);
        if (position < 0 || length < 0 || position > file.Length || length > file.Length - position || length > MaxDirectoryBytes)
            throw FileErrors.Damaged(kind, file.Path, "its directory would lie outside of it");
        var bytes = new byte[length];
        file.ReadExactly(position, bytes);
        var entries = ImmutableArray.CreateBuilder<ZipEntry>();
        var rest = bytes.AsSpan();
        while (rest.Length >= EntryBytes && BinaryPrimitives.ReadUInt32LittleEndian(rest) == EntrySignature)
            entries.Add(ReadEntry(file.Path, kind, ref rest));
        CheckExpansion(file, kind, entries, max);
        return new ZipDirectory(file, entries.ToImmutable(), kind);
    }

    public ZipEntry? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Opens an entry.</summary>
    public ZipEntryStream Open(ZipEntry entry)
    {
        Stream stream = new InputFileStream(File, FindData(entry), entry.CompressedLength);
        return new ZipEntryStream(entry.IsDeflated ? new DeflateStream(stream, CompressionMode.Decompress) : stream, entry, File.Path,
            _kind);
    }

    /// <summary>Opens a stored entry for reading anywhere in it; <see langword="null"/> for a compressed one.</summary>
    public InputFileStream? OpenStored(ZipEntry entry) => entry.IsDeflated ? null
        : new InputFileStream(File, FindData(entry), entry.Length);

    /// <summary>Reads all of an entry, which must be small.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="max">The most bytes it may have.</param>
    public byte[] ReadAll(ZipEntry entry, int max)
    {
        if (entry.Length > max)
            throw Damaged(
                $"its entry {OneLine.Quote(entry.Name)} has {entry.Length} bytes, expected at most {max}");
        using var stream = Open(entry);
        var bytes = new byte[entry.Length];
        if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
            throw Damaged( $"its entry {OneLine.Quote(entry.Name)} ends early");
        return bytes;
    }

    // Entries may share bytes, so that what each may become says nothing of all.
    private static void CheckExpansion(InputFile file, string kind, IEnumerable<ZipEntry> entries, long max)
    {
        Int128 total = 0;
        foreach (var entry in entries) total += entry.Length;
        if (total > max)
        {
            throw FileErrors.Unusable(
                kind, file.Path, $"its {file.Length} bytes unpack to {total}, expected at most {max}",
                    "unpack it, or write it without compression");
        }
    }

    private InvalidInputException Damaged(string what) => FileErrors.Damaged(_kind, File.Path, what);

    // The data follow the local header, whose extra field may be longer than the directory's (PyTorch aligns data by it).
    private long FindData(ZipEntry entry)
    {
        Span<byte> header = stackalloc byte[LocalBytes];
        if (entry.HeaderPosition > File.Length - LocalBytes) throw Outside(entry);
        File.ReadExactly(entry.HeaderPosition, header);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != LocalSignature) throw Outside(entry);
        long data = entry.HeaderPosition + LocalBytes
            + BinaryPrimitives.ReadUInt16LittleEndian(header[26..]) + BinaryPrimitives.ReadUInt16LittleEndian(header[28..]);
        return entry.CompressedLength <= File.Length - data ? data : throw Outside(entry);
    }

    private InvalidInputException Outside(ZipEntry entry) =>
        Damaged( $"its entry {OneLine.Quote(entry.Name)} is not where its directory says");

    private static (long Position, long Length) FindDirectory(InputFile file, string kind)
    {
        // The end record is followed by a comment of at most 65,535 bytes.
        var tail = new byte[Math.Min(file.Length, EndBytes + ushort.MaxValue)];
        long tailStart = file.Length - tail.Length;
        file.ReadExactly(tailStart, tail);
        int end = tail.AsSpan().LastIndexOf("PK\u0005\u0006"u8);
        if (end < 0 || tail.Length - end < EndBytes)
            throw FileErrors.Damaged(kind, file.Path, "it is a zip archive without its directory, which is at the end: it was cut off");
        var record = tail.AsSpan(end);
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(record[12..]),
            position = BinaryPrimitives.ReadUInt32LittleEndian(record[16..]);
        long locator = tailStart + end - LocatorBytes;
        return locator >= 0 && ReadDirectory64(file, locator, kind) is { } place ? place : (position, length);
    }

    private static (long Position, long Length)? ReadDirectory64(InputFile file, long locatorPosition, string kind)
    {
        Span<byte> locator = stackalloc byte[LocatorBytes];
        file.ReadExactly(locatorPosition, locator);
        if (BinaryPrimitives.ReadUInt32LittleEndian(locator) != LocatorSignature) return null;
        long position = BinaryPrimitives.ReadInt64LittleEndian(locator[8..]);
        Span<byte> record = stackalloc byte[End64Bytes];
        if (position < 0 || position > file.Length - End64Bytes) throw FileErrors.Damaged(kind, file.Path,
            "its directory would lie outside of it");
        file.ReadExactly(position, record);
        if (BinaryPrimitives.ReadUInt32LittleEndian(record) != End64Signature)
            throw FileErrors.Damaged(kind, file.Path, "its 64-bit directory is not where it says");
        return (BinaryPrimitives.ReadInt64LittleEndian(record[48..]), BinaryPrimitives.ReadInt64LittleEndian(record[40..]));
    }

    private static ZipEntry ReadEntry(string path, string kind, ref Span<byte> rest)
    {
        int flags = BinaryPrimitives.ReadUInt16LittleEndian(rest[8..]), method = BinaryPrimitives.ReadUInt16LittleEndian(rest[10..]);
        int nameLength = BinaryPrimitives.ReadUInt16LittleEndian(rest[28..]),
            extraLength = BinaryPrimitives.ReadUInt16LittleEndian(rest[30..]);
        int total = EntryBytes + nameLength + extraLength + BinaryPrimitives.ReadUInt16LittleEndian(rest[32..]);
        if (total > rest.Length) throw FileErrors.Damaged(kind, path, "its directory ends early");
        string name = Encoding.UTF8.GetString(rest.Slice(EntryBytes, nameLength));
        // Bit 0 of the flags: encrypted. Methods: 0 stored, 8 deflated.
        if ((flags & 1) != 0)
            throw FileErrors.Unusable(kind, path, $"its entry {OneLine.Quote(name)} is encrypted",
                "unpack it with its password and pack it without");
        if (method is not (0 or 8))
            throw FileErrors.Unusable(kind, path, $"its entry {OneLine.Quote(name)} is compressed by method {method}",
                "pack it with deflate or none");
        var extra = rest.Slice(EntryBytes + nameLength, extraLength);
        long length = Widen(BinaryPrimitives.ReadUInt32LittleEndian(rest[24..]), 0, ref extra, path, kind);
        long compressed = Widen(BinaryPrimitives.ReadUInt32LittleEndian(rest[20..]), 1, ref extra, path, kind);
        long position = Widen(BinaryPrimitives.ReadUInt32LittleEndian(rest[42..]), 2, ref extra, path, kind);
        if (method == 0 ? length != compressed : length / MaxRatio > compressed)
            throw FileErrors.Damaged(kind, path, $"its entry {OneLine.Quote(name)} cannot have {length} bytes in {compressed}");
        var entry = new ZipEntry(name, method == 8, BinaryPrimitives.ReadUInt32LittleEndian(rest[16..]), compressed, length, position);
        rest = rest[total..];
        return entry;
    }

    // The 64-bit extra field has the true values of just those of the three fields that are 0xFFFFFFFF, in this order; the first
    // call finds it, later ones go on in it.
    private static long Widen(uint value, int which, ref Span<byte> extra, string path, string kind)
    {
        if (which == 0) extra = FindExtra64(extra);
        if (value != In64) return value;
        if (extra.Length < sizeof(long)) throw FileErrors.Damaged(kind, path, "its directory lacks a 64-bit size");
        long wide = BinaryPrimitives.ReadInt64LittleEndian(extra);
        extra = extra[sizeof(long)..];
        return wide >= 0 ? wide : throw FileErrors.Damaged(kind, path, "its directory has a negative size");
    }

    private static Span<byte> FindExtra64(Span<byte> extra)
    {
        while (extra.Length >= 4)
        {
            int id = BinaryPrimitives.ReadUInt16LittleEndian(extra), length = BinaryPrimitives.ReadUInt16LittleEndian(extra[2..]);
            if (4 + length > extra.Length) break;
            if (id == 1) return extra.Slice(4, length);
            extra = extra[(4 + length)..];
        }

        return [];
    }
}
