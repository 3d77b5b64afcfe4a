using System.Text;
using EfficientNetSharp.Formats;

namespace EfficientNetSharp.Weights.Formats.Hdf5;

/// <summary>
/// The hard links of a group: in its header, or in a tree of symbol tables (sections III.A.1, III.C and IV.A.2.g). Soft and
/// external links are passed over.
/// </summary>
internal sealed class Hdf5Links
{
    // Names of layers.
    private const int MaxNameBytes = 2_000;

    private const int SymbolBytes = 40;

    private readonly Hdf5File _file;
    private readonly ByteSource _source;
    private readonly List<(string Name, long Address)> _links = [];

    private Hdf5Links(Hdf5File file, ByteSource source)
    {
        _file = file;
        _source = source;
    }

    /// <summary>Names and addresses of a group's members, in the order of the file.</summary>
    public static List<(string Name, long Address)> Read(Hdf5Object group, ByteSource source)
    {
        var links = new Hdf5Links(group.File, source);
        foreach (var message in group.Messages)
        {
            switch (message.Type)
            {
                case 0x02: links.CheckLinkInfo(message); break;
                case 0x06: links.ReadLink(message); break;
                case 0x11: links.ReadSymbols(message); break;
            }
        }

        return links._links;
    }

    private void Add(string name, long address)
    {
        if (_links.Count == WeightFile.MaxTensors) throw _file.Damaged($"a group has over {WeightFile.MaxTensors} members");
        _links.Add((name, address));
    }

    // Version, flags, then, as the flags say, the largest creation index; then the address of a heap of links, or none.
    private void CheckLinkInfo(Hdf5Message message)
    {
        _source.Position = message.Start + 1;
        if ((_source.ReadByte() & 1) != 0) _source.Position += 8;
        if (_source.ReadUInt64() != ulong.MaxValue) throw _file.Unknown("a group in the dense form of newer file versions");
    }

    // Version, flags, then, as the flags say: kind, creation order, character set; length of the name; name; address.
    private void ReadLink(Hdf5Message message)
    {
        _source.Position = message.Start + 1;
        int flags = _source.ReadByte();
        int kind = (flags & 8) != 0 ? _source.ReadByte() : 0;
        if ((flags & 4) != 0) _source.Position += 8;
        if ((flags & 16) != 0) _source.Position++;
        ulong length = Hdf5File.ReadInteger(_source, 1 << (flags & 3));
        if (length > MaxNameBytes) throw _file.Damaged($"a name in it has {length} bytes");
        string name = Encoding.UTF8.GetString(_source.ReadBytes((long)length));
        if (kind == 0) Add(name, (long)_source.ReadUInt64());
    }

    private void ReadSymbols(Hdf5Message message)
    {
        _source.Position = message.Start;
        long tree = (long)_source.ReadUInt64(), heap = (long)_source.ReadUInt64();
        Expect(heap, "HEAP\0"u8);
        _source.Position = heap + 8;
        long heapLength = (long)_source.ReadUInt64();
        _source.Position = heap + 24;
        long names = (long)_source.ReadUInt64();
        foreach (long table in Hdf5Tree.FindLeaves(_file, _source, tree, kind: 0, keyBytes: sizeof(long)).Select(leaf => leaf.Child))
        {
            Expect(table, "SNOD\u0001"u8);
            _source.Position = table + 6;
            int count = _source.ReadUInt16();
            for (int i = 0; i < count; i++) ReadSymbol(table + 8 + (i * SymbolBytes), names, heapLength);
        }
    }

    // Offset of the name in the heap, address, and what is cached: 2 means that it is a soft link.
    private void ReadSymbol(long at, long names, long heapLength)
    {
        _source.Position = at;
        long name = (long)_source.ReadUInt64(), address = (long)_source.ReadUInt64();
        if (_source.ReadUInt32() == 2) return;
        if (name < 0 || name >= heapLength || names < 0) throw _file.Damaged("a name in it is outside of its names");
        _source.Position = names + name;
        var text = new List<byte>();
        for (byte next = _source.ReadByte(); next != 0; next = _source.ReadByte())
        {
            if (text.Count == MaxNameBytes) throw _file.Damaged("a name in it has no end");
            text.Add(next);
        }

        Add(Encoding.UTF8.GetString([.. text]), address);
    }

    private void Expect(long address, ReadOnlySpan<byte> signature)
    {
        _source.Position = address;
        Span<byte> found = stackalloc byte[signature.Length];
        _source.ReadExactly(found);
        if (!found.SequenceEqual(signature)) throw _file.Damaged("a part of a group is not where it should be");
    }
}
