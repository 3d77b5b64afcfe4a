using System.Text;
using EfficientNetSharp.Formats;

namespace EfficientNetSharp.Weights.Formats.Hdf5;

/// <summary>Reads attributes that are texts (section IV.A.2.m), of fixed length or out of the heap (section III.E).</summary>
internal static class Hdf5Texts
{
    // Keras's description of a model has some hundred kilobytes.
    private const int MaxTextBytes = 1 << 24;

    /// <summary>An attribute's texts; <see langword="null"/> where there is none of the name, or it holds something else.</summary>
    public static string[]? Find(Hdf5Object holder, ByteSource source, string name)
    {
        foreach (var message in holder.Messages)
        {
            if (message.Type == 0x0c && !message.IsShared && Read(holder.File, source, message, name) is { } texts) return texts;
            if (message.Type == 0x15) CheckAttributeInfo(holder.File, source, message);
        }

        return null;
    }

    // Version, reserved or flags, lengths of the name, the datatype and the dataspace; in version 3 a character set. In
    // version 1 each part is filled up to a multiple of eight bytes.
    private static string[]? Read(Hdf5File file, ByteSource source, Hdf5Message message, string name)
    {
        source.Position = message.Start;
        int version = source.ReadByte(), flags = source.ReadByte();
        int nameLength = source.ReadUInt16(), typeLength = source.ReadUInt16(), spaceLength = source.ReadUInt16();
        if (version == 3) source.Position++;
        if (version is < 1 or > 3) throw file.Damaged($"an attribute of it has the version {version}, expected 1 to 3");
        long at = source.Position;
        if (Encoding.UTF8.GetString(source.ReadBytes(nameLength)).TrimEnd('\0') != name) return null;
        // Types and spaces kept elsewhere.
        if (version > 1 && (flags & 3) != 0) throw file.Unknown("an attribute of a named type");
        long type = at + Pad(nameLength, version), space = type + Pad(typeLength, version), data = space + Pad(spaceLength, version);
        if (data > message.Start + message.Length) throw file.Damaged("an attribute of it reaches beyond its message");
        return Hdf5Space.Read(source, space) is { } dimensions
            ? ReadTexts(file, source, Hdf5Type.Read(source, type), dimensions, data, message.Start + message.Length - data)
            : null;
    }

    private static long Pad(int length, int version) => version == 1 ? (length + 7) / 8 * 8 : length;

    private static string[]? ReadTexts(Hdf5File file, ByteSource source, Hdf5Type type, long[] dimensions, long data, long length)
    {
        if (type.Kind is not (Hdf5Kind.FixedText or Hdf5Kind.HeapText) || dimensions.Length > 1) return null;
        long count = dimensions is [var many] ? many : 1;
        if (count < 0 || count > WeightFile.MaxTensors || (type.Size > 0 ? count > length / type.Size : count > 0))
            throw file.Damaged("an attribute of it has more texts than bytes");
        var texts = new string[count];
        long left = MaxTextBytes;
        for (int i = 0; i < texts.Length; i++)
        {
            source.Position = data + ((long)i * type.Size);
            byte[] bytes = type.Kind == Hdf5Kind.FixedText ? source.ReadBytes(type.Size) : ReadFromHeap(file, source, left);
            // One text of the heap can stand at all places.
            left -= bytes.Length;
            if (left < 0) throw file.Damaged($"an attribute of it has over {MaxTextBytes} bytes of text");
            texts[i] = Encoding.UTF8.GetString(bytes).TrimEnd('\0');
        }

        return texts;
    }

    // Length, address of a collection, index in it. A collection has objects one after another: index, references, length, data.
    private static byte[] ReadFromHeap(Hdf5File file, ByteSource source, long max)
    {
        uint length = source.ReadUInt32();
        long collection = (long)source.ReadUInt64();
        uint index = source.ReadUInt32();
        if (length == 0) return [];
        if (length > max) throw file.Damaged($"a text of it has {length} bytes");
        source.Position = collection;
        Span<byte> start = stackalloc byte[4];
        source.ReadExactly(start);
        if (!start.SequenceEqual("GCOL"u8)) throw file.Damaged("a text of it is not where it should be");
        source.Position = collection + 8;
        long collectionLength = (long)source.ReadUInt64();
        if (collectionLength < 16
            || collectionLength > source.Length - collection) throw file.Damaged("a heap of it reaches beyond the file");
        for (long at = collection + 16, end = collection + collectionLength; at + 16 <= end;)
        {
            source.Position = at;
            uint found = source.ReadUInt16();
            source.Position = at + 8;
            long size = (long)source.ReadUInt64();
            if (size < 0 || size > end - at) break;
            if (found == index && length <= size) return source.ReadBytes(length);
            // Index 0 is what is free, to the end.
            if (found == 0) break;
            at += 16 + ((size + 7) / 8 * 8);
        }

        throw file.Damaged("a text of it is not in its heap");
    }

    // Version, flags, then, as the flags say, the largest creation index; then the address of a heap of attributes, or none.
    private static void CheckAttributeInfo(Hdf5File file, ByteSource source, Hdf5Message message)
    {
        source.Position = message.Start + 1;
        if ((source.ReadByte() & 1) != 0) source.Position += 2;
        if (source.ReadUInt64() != ulong.MaxValue) throw file.Unknown("attributes in the dense form of newer file versions");
    }
}
