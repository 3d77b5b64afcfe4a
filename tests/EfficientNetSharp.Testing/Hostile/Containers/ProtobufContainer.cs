
namespace EfficientNetSharp.Testing.Hostile.Containers;

/// <summary>Protobuf messages, whatever they mean: a part per field. Lengths of the messages around follow.</summary>
public sealed class ProtobufContainer : IContainer
{
    private const int Varint = 0, Fixed64 = 1, Delimited = 2, Fixed32 = 5;

    /// <inheritdoc />
    public ContainerContents? Open(byte[] bytes)
    {
        // Short texts pass for messages too easily.
        if (bytes.Length < 2) return null;
        var parts = new List<ContainerPart>();
        for (int at = 0; at < bytes.Length;)
        {
            if (!TryReadVarint(bytes, ref at, out ulong tag) || tag >> 3 is 0 or > 100_000) return null;
            int start = at;
            int length;
            switch ((int)(tag & 7))
            {
                case Varint:
                    if (!TryReadVarint(bytes, ref at, out _)) return null;
                    length = at - start;
                    break;
                case Delimited:
                    if (!TryReadVarint(bytes, ref at, out ulong count) || count > (ulong)(bytes.Length - at)) return null;
                    (start, length) = (at, (int)count);
                    break;
                case Fixed64: length = 8; break;
                case Fixed32: length = 4; break;
                default: return null;
            }

            if (length > bytes.Length - start) return null;
            parts.Add(new(tag, bytes[start..(start + length)]));
            at = start + length;
        }

        return new(parts, Join);
    }

    private static byte[] Join(IReadOnlyList<ContainerPart> parts)
    {
        using var target = new MemoryStream();
        foreach (var part in parts)
        {
            ulong tag = (ulong)part.Tag!;
            target.Write(ByteMutations.Varint(tag));
            if ((tag & 7) == Delimited) target.Write(ByteMutations.Varint((ulong)part.Bytes.Length));
            target.Write(part.Bytes);
        }

        return target.ToArray();
    }

    private static bool TryReadVarint(byte[] bytes, ref int at, out ulong value)
    {
        value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            if (at >= bytes.Length) return false;
            byte next = bytes[at++];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80) return true;
        }

        return false;
    }
}
