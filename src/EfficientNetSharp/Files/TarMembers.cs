using System.Buffers.Binary;
using System.Text;

namespace EfficientNetSharp.Files;

/// <summary>A member of a tar archive; its bytes are next in the stream.</summary>
internal readonly record struct TarMember(string Name, bool IsFile, long Length);

/// <summary>Walks a tar archive (POSIX ustar, with GNU's and pax's long names) in a stream that need not seek.</summary>
internal static class TarMembers
{
    private const int BlockBytes = 512;

    // Long names are paths.
    private const int MaxNameBytes = 1 << 16;

    /// <summary>Whether a file that starts so is a tar archive.</summary>
    public static bool IsTar(ReadOnlySpan<byte> start) => start.Length > 262 && start[257..].StartsWith("ustar"u8);

    /// <summary>The members in order. Each must be read, to its length, before the next is asked for.</summary>
    /// <param name="stream">The archive.</param>
    /// <param name="path">What it is called in messages.</param>
    /// <param name="kind">What it is to be, in messages; see <see cref="FileErrors"/>.</param>
    /// <exception cref="InvalidInputException">It is damaged.</exception>
    public static IEnumerable<TarMember> Read(Stream stream, string path, string kind)
    {
        var header = new byte[BlockBytes];
        string? longName = null;
        while (stream.ReadAtLeast(header, BlockBytes, throwOnEndOfStream: false) == BlockBytes && header.AsSpan().ContainsAnyExcept((byte)0))
        {
            if (!IsTar(header)) throw FileErrors.Damaged(kind, path, "it is no tar archive, or a damaged one");
            long length = ReadLength(header, path, kind);
            char type = (char)header[156];
            if (type is 'L' or 'x')
            {
                if (length > MaxNameBytes) throw FileErrors.Damaged(kind, path, $"a name in it has {length} bytes");
                string text = ReadText(stream, (int)length, path, kind);
                longName = type == 'L' ? text.TrimEnd('\0') : FindPaxPath(text) ?? longName;
            }
            else
            {
                yield return new TarMember(longName ?? ReadName(header), type is '0' or '\0', length);
                longName = null;
            }

            Skip(stream, (BlockBytes - (length % BlockBytes)) % BlockBytes, path, kind);
        }
    }

    /// <summary>Goes past bytes.</summary>
    public static void Skip(Stream stream, long bytes, string path, string kind)
    {
        if (stream.CanSeek)
        {
            if (bytes > stream.Length - stream.Position) throw FileErrors.Damaged(kind, path, "it ends within a member");
            stream.Position += bytes;
            return;
        }

        var waste = new byte[Math.Min(bytes, 1 << 16)];
        while (bytes > 0)
        {
            int read = stream.Read(waste.AsSpan(0, (int)Math.Min(bytes, waste.Length)));
            if (read == 0) throw FileErrors.Damaged(kind, path, "it ends within a member");
            bytes -= read;
        }
    }

    private static string ReadText(Stream stream, int length, string path, string kind)
    {
        var bytes = new byte[length];
        if (stream.ReadAtLeast(bytes, length, throwOnEndOfStream: false) < length) throw FileErrors.Damaged(kind, path, "it ends within a member");
        return Encoding.UTF8.GetString(bytes);
    }

    private static string ReadName(ReadOnlySpan<byte> header)
    {
        string name = Encoding.UTF8.GetString(UpToZero(header[..100]));
        // POSIX, whose magic ends with a zero, has the first part of a long path at 345; GNU has times there.
        string prefix = header[262] == 0 ? Encoding.UTF8.GetString(UpToZero(header.Slice(345, 155))) : "";
        return prefix.Length == 0 ? name : $"{prefix}/{name}";
    }

    private static ReadOnlySpan<byte> UpToZero(ReadOnlySpan<byte> text) => text.IndexOf((byte)0) is var end and >= 0 ? text[..end] : text;

    // Octal digits; or, with the top bit set, GNU's binary number of which the last eight bytes matter.
    private static long ReadLength(ReadOnlySpan<byte> header, string path, string kind)
    {
        var field = header.Slice(124, 12);
        long length = 0;
        if ((field[0] & 0x80) != 0)
        {
            length = BinaryPrimitives.ReadInt64BigEndian(field[4..]);
        }
        else
        {
            foreach (byte digit in UpToZero(field).Trim((byte)' '))
                length = digit is >= (byte)'0' and <= (byte)'7'
                    ? (length * 8) + digit - '0'
                    : throw FileErrors.Damaged(kind, path, "a member of it has no length");
        }

        return length >= 0 ? length : throw FileErrors.Damaged(kind, path, "a member of it has a negative length");
    }

    // Records are "<length> <key>=<value>\n".
    private static string? FindPaxPath(string records) => records.Split('\n')
        .Select(record => record[(record.IndexOf(' ', StringComparison.Ordinal) + 1)..])
        .FirstOrDefault(record => record.StartsWith("path=", StringComparison.Ordinal))?["path=".Length..];
}
