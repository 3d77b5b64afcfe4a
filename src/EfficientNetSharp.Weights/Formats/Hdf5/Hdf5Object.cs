using EfficientNetSharp.Formats;

namespace EfficientNetSharp.Weights.Formats.Hdf5;

/// <summary>A message of an object's header: a fact about the object, where it lies in the file.</summary>
internal readonly record struct Hdf5Message(int Type, bool IsShared, long Start, int Length);

/// <summary>A group or a dataset, known by its header (sections IV.A.1 and IV.A.2 of the specification).</summary>
internal sealed class Hdf5Object
{
    // Headers of Keras's groups have a few messages; those with attributes of 64 KiB each have some dozens.
    private const int MaxMessages = 10_000, MaxBlocks = 1_000;

    // Message types of the specification.
    private const int Continuation = 0x10;

    private readonly List<Hdf5Message> _messages = [];

    private Hdf5Object(Hdf5File file, long address)
    {
        File = file;
        Address = address;
    }

    public Hdf5File File { get; }

    public long Address { get; }

    public bool IsDataset => Find(0x08) is not null;

    public IReadOnlyList<Hdf5Message> Messages => _messages;

    public static Hdf5Object Read(Hdf5File file, ByteSource source, long address)
    {
        var header = new Hdf5Object(file, address);
        source.Position = address;
        if (source.ReadByte() == 1)
            header.ReadVersion1(source);
        else
            header.ReadVersion2(source);
        return header;
    }

    /// <summary>The first message of a type.</summary>
    /// <exception cref="InvalidInputException">It is kept elsewhere, shared by objects.</exception>
    public Hdf5Message? Find(int type)
    {
        foreach (var message in _messages)
        {
            if (message.Type == type) return message.IsShared ? throw File.Unknown("a named type") : message;
        }

        return null;
    }

    // Version 1: reserved byte, count of messages, references, length of the first block, to 16 bytes.
    private void ReadVersion1(ByteSource source)
    {
        source.Position = Address + 8;
        uint length = source.ReadUInt32();
        ReadBlocks(source, Address + 16, length, (start, end, waiting) =>
        {
            for (long at = start; at + 8 <= end;)
            {
                source.Position = at;
                int type = source.ReadUInt16(), size = source.ReadUInt16(), flags = source.ReadByte();
                Add(source, type, flags, at + 8, size, end, waiting);
                at += 8 + size;
            }
        });
    }

    // Version 2: "OHDR", version, flags that say which fields follow, length of the first block; each block ends with a checksum.
    private void ReadVersion2(ByteSource source)
    {
        source.Position = Address;
        Span<byte> start = stackalloc byte[6];
        source.ReadExactly(start);
        if (!start.StartsWith("OHDR\u0002"u8)) throw File.Damaged("a header of an object is not where it should be");
        int flags = start[5];
        if ((flags & 0x20) != 0) source.Position += 16;
        if ((flags & 0x10) != 0) source.Position += 4;
        ulong length = Hdf5File.ReadInteger(source, 1 << (flags & 3));
        if (length > (ulong)source.Length) throw File.Damaged("a header of an object reaches beyond the file");
        int headBytes = (flags & 4) != 0 ? 6 : 4;
        ReadBlocks(source, source.Position, (long)length, (from, end, waiting) =>
        {
            for (long at = from; at + headBytes <= end;)
            {
                source.Position = at;
                int type = source.ReadByte(), size = source.ReadUInt16(), messageFlags = source.ReadByte();
                // Continued blocks start with a signature and end with a checksum.
                if (type == Continuation)
                    Add(source, type, messageFlags, at + headBytes, size, end, waiting, skipFront: 4, skipBack: 4);
                else
                    Add(source, type, messageFlags, at + headBytes, size, end, waiting);
                at += headBytes + size;
            }
        });
    }

    private void ReadBlocks(ByteSource source, long start, long length, Action<long, long, Queue<(long, long)>> readMessages)
    {
        var waiting = new Queue<(long Start, long Length)>([(start, length)]);
        for (int blocks = 0; waiting.TryDequeue(out var block); blocks++)
        {
            // A block can lead to itself.
            if (blocks == MaxBlocks) throw File.Damaged("a header of an object has no end");
            if (block.Start < 0 || block.Length < 0 || block.Start > source.Length || block.Length > source.Length - block.Start)
                throw File.Damaged("a header of an object reaches beyond the file");
            readMessages(block.Start, block.Start + block.Length, waiting);
        }
    }

    private void Add(ByteSource source, int type, int flags, long start, int size, long end, Queue<(long, long)> waiting, int skipFront = 0,
        int skipBack = 0)
    {
        if (size > end - start) throw File.Damaged("a message of an object reaches beyond its header");
        if (_messages.Count == MaxMessages) throw File.Damaged($"an object has over {MaxMessages} messages");
        if (type != Continuation)
        {
            _messages.Add(new Hdf5Message(type, (flags & 2) != 0, start, size));
            return;
        }

        source.Position = start;
        long block = (long)source.ReadUInt64() + skipFront, length = (long)source.ReadUInt64() - skipFront - skipBack;
        waiting.Enqueue((block, length));
    }
}
