using System.Text;

namespace EfficientNetSharp.Testing.Hostile.Containers;

/// <summary>Tar archives: a part per header, whose checksum is made again, and one for what lies between headers.</summary>
public sealed class TarContainer : IContainer
{
    private const int BlockBytes = 512;
    private const string Header = "header";

    /// <inheritdoc />
    public ContainerContents? Open(byte[] bytes)
    {
        if (bytes.Length < BlockBytes || !IsHeader(bytes)) return null;
        var parts = new List<ContainerPart>();
        int at = 0;
        while (at + BlockBytes <= bytes.Length && IsHeader(bytes.AsSpan(at)))
        {
            parts.Add(new(Header, bytes[at..(at + BlockBytes)]));
            string size = Encoding.ASCII.GetString(bytes.AsSpan(at + 124, 11)).Trim('\0', ' ');
            at += BlockBytes;
            int length = size.Length > 0 && size.All(c => c is >= '0' and <= '7') ? (int)Math.Min(Convert.ToInt64(size, 8),
                bytes.Length - at) : 0;
            length = Math.Min((length + BlockBytes - 1) / BlockBytes * BlockBytes, bytes.Length - at);
            if (length > 0) parts.Add(new(null, bytes[at..(at + length)]));
            at += length;
        }

        parts.Add(new(null, bytes[at..]));
        return new(parts, Join);
    }

    private static bool IsHeader(ReadOnlySpan<byte> block) => block[257..].StartsWith("ustar"u8);

    private static byte[] Join(IReadOnlyList<ContainerPart> parts)
    {
        using var target = new MemoryStream();
        foreach (var part in parts)
        {
            if (part.Tag is null)
            {
                target.Write(part.Bytes);
                target.Write(new byte[(BlockBytes - (part.Bytes.Length % BlockBytes)) % BlockBytes]);
                continue;
            }

            var header = new byte[BlockBytes];
            part.Bytes.AsSpan(0, Math.Min(BlockBytes, part.Bytes.Length)).CopyTo(header);
            header.AsSpan(148, 8).Fill((byte)' ');
            Encoding.ASCII.GetBytes(Convert.ToString(header.Sum(b => b), 8).PadLeft(6, '0') + "\0 ").CopyTo(header, 148);
            target.Write(header);
        }

        return target.ToArray();
    }
}
