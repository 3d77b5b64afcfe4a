using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace EfficientNetSharp.Testing.Hostile.Containers;

/// <summary>PNG images: a part per chunk.</summary>
public sealed class PngContainer : IContainer
{
    private static ReadOnlySpan<byte> Signature => [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    /// <inheritdoc />
    public ContainerContents? Open(byte[] bytes)
    {
        if (!bytes.AsSpan().StartsWith(Signature)) return null;
        var parts = new List<ContainerPart>();
        var rest = bytes.AsSpan(Signature.Length);
        while (rest.Length >= 12)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(rest);
            if (length > rest.Length - 12) return null;
            parts.Add(new(Encoding.Latin1.GetString(rest.Slice(4, 4)), rest.Slice(8, (int)length).ToArray()));
            rest = rest[(12 + (int)length)..];
        }

        return new(parts, Join);
    }

    private static byte[] Join(IReadOnlyList<ContainerPart> parts)
    {
        using var target = new MemoryStream();
        target.Write(Signature);
        Span<byte> number = stackalloc byte[sizeof(uint)];
        foreach (var part in parts)
        {
            byte[] body = [.. Encoding.Latin1.GetBytes((string)part.Tag!), .. part.Bytes];
            BinaryPrimitives.WriteInt32BigEndian(number, part.Bytes.Length);
            target.Write(number);
            target.Write(body);
            BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.HashToUInt32(body));
            target.Write(number);
        }

        return target.ToArray();
    }
}
