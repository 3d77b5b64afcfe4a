using System.Buffers.Binary;
using EfficientNetSharp.Formats;

namespace EfficientNetSharp.Weights.Formats.Hdf5;

/// <summary>
/// The part of HDF5 (the HDF5 File Format Specification 3.0) that Keras and h5py's defaults write: groups, datasets that are
/// compact, contiguous or in chunks, text attributes. Nothing outside of the file is ever opened: external links and soft links
/// are passed over, datasets with external values refused.
/// </summary>
/// <remarks>
/// Written here rather than taken from a library because files are taken to be hostile: PureHDF 2.2 follows external links and
/// reads external files wherever they are, without a way to forbid it, and takes as much memory as a damaged length says.
/// </remarks>
internal sealed class Hdf5File
{
    private readonly Func<Stream> _open;

    private Hdf5File(Func<Stream> open, string path, long justifiedBy)
    {
        _open = open;
        Path = path;
        JustifiedBy = justifiedBy;
    }

    /// <summary>The first bytes of a file.</summary>
    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'H', (byte)'D', (byte)'F', (byte)'\r', (byte)'\n', 0x1a, (byte)'\n'];

    public string Path { get; }

    /// <summary>Bytes of the file on disk, of which this may be a compressed member: what memory is justified by.</summary>
    public long JustifiedBy { get; }

    public Hdf5Object Root { get; private set; } = null!;

    /// <summary>Opens a file.</summary>
    /// <param name="open">Opens its bytes anew, to seek in.</param>
    /// <param name="path">What it is called in messages.</param>
    /// <param name="justifiedBy">Bytes of the file on disk.</param>
    /// <exception cref="InvalidInputException">It is damaged, or of a form that h5py does not write by default.</exception>
    public static Hdf5File Open(Func<Stream> open, string path, long justifiedBy)
    {
        var file = new Hdf5File(open, path, justifiedBy);
        var source = file.CreateSource();
        file.Root = Hdf5Object.Read(file, source, FindRoot(source));
        return file;
    }

    public ByteSource CreateSource() => new(_open(), Path, WeightErrors.Kind);

    public Stream OpenStream() => _open();

    /// <summary>The refusal of a form that is sound, but not read.</summary>
    public InvalidInputException Unknown(string what) =>
        WeightErrors.Unusable(Path, $"it has {what}, which Keras does not write", "save it again with Keras, or with h5py's defaults");

    public InvalidInputException Damaged(string what) => WeightErrors.Damaged(Path, what);

    // The superblock: version 0 and 1 end with the root's symbol table entry, 2 and 3 with the address of the root's header.
    private static long FindRoot(ByteSource source)
    {
        Span<byte> start = stackalloc byte[16];
        source.ReadExactly(start);
        int version = start[8];
        var (sizesAt, rootAddress, baseAddress) = version switch
        {
            0 => (13, 64, 24),
            1 => (13, 68, 28),
            2 or 3 => (9, 36, 12),
            _ => throw WeightErrors.Damaged(source.Path, $"its superblock has the version {version}, expected 0 to 3"),
        };
        if (!start.StartsWith(Signature) || start[sizesAt] != sizeof(long) || start[sizesAt + 1] != sizeof(long))
            throw WeightErrors.Damaged(source.Path, "its addresses do not have 8 bytes");
        source.Position = baseAddress;
        if (source.ReadUInt64() != 0)
            throw WeightErrors.Unusable(source.Path, "it starts with a block of another program", "save it again with h5py's defaults");
        source.Position = rootAddress;
        return (long)source.ReadUInt64();
    }

    /// <summary>An integer of 1 to 8 bytes.</summary>
    public static ulong ReadInteger(ByteSource source, int bytes)
    {
        Span<byte> value = stackalloc byte[sizeof(ulong)];
        value.Clear();
        source.ReadExactly(value[..bytes]);
        return BinaryPrimitives.ReadUInt64LittleEndian(value);
    }
}
