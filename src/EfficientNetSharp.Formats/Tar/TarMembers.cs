using System.Text;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Formats.Tar;

/// <summary>A member of a tar archive; its bytes are next in the stream.</summary>
internal readonly record struct TarMember(string Name, bool IsFile, long Length);

/// <summary>Walks a tar archive (POSIX ustar, with GNU's and pax's long names and lengths) in a stream that need not seek.</summary>
/// <remarks>
/// <c>System.Formats.Tar</c> of .NET 10 was tried in its place. It says where members lie (<c>TarEntry.DataOffset</c>), but lists
/// 200 000 of them a quarter slower (0.50 s, 68 MiB allocated, for 0.40 s and 9 MiB). For a header of 512 bytes that announces a name of
/// 2 GB it takes 2 GB before it finds that nothing follows; it does not check the headers' checksums; it refuses a whole archive for one
/// sparse member without naming it, and for a name with a line break, which its own writer writes; and damage surfaces as one of five
/// exception types.
/// </remarks>
internal static class TarMembers
{
    // Long names are paths; a pax header may have attributes beside them.
    private const int MaxMetadataBytes = 1 << 20;

    private const string EndsEarly = "it ends within a member";

    /// <summary>The members in order. Each must be read, to its length, before the next is asked for.</summary>
    /// <param name="stream">The archive.</param>
    /// <param name="path">What it is called in messages.</param>
    /// <param name="kind">What it is to be, in messages; see <see cref="FileErrors"/>.</param>
    /// <exception cref="InvalidInputException">It is damaged, or has a file that was packed as its parts.</exception>
    public static IEnumerable<TarMember> Read(Stream stream, string path, string kind)
    {
        var header = new byte[TarHeader.BlockBytes];
        string? longName = null;
        var pax = default(PaxRecords);
        while (ReadHeader(stream, header, path, kind))
        {
            char type = TarHeader.TypeOf(header);
            // A long link target (K) and records for all members (g) may stand between a member's name or records and the member.
            bool isMetadata = type is 'L' or 'x' or 'K' or 'g';
            long length = isMetadata || pax.Length is null ? LengthOf(header, path, kind) : pax.Length.Value;
            if (type is 'L' or 'x')
            {
                byte[] bytes = ReadMetadata(stream, length, path, kind);
                if (type == 'L')
                    longName = Encoding.UTF8.GetString(bytes).TrimEnd('\0');
                else
                    pax = PaxRecords.Parse(bytes) ?? throw FileErrors.Damaged(kind, path, "a pax header in it is not as the format says");
            }
            else
            {
                string name = pax.Path ?? longName ?? TarHeader.NameOf(header);
                if (type == 'S' || pax.IsSparse)
                {
                    string what = $"{OneLine.Quote(name)} in it is a sparse file, of which only parts are there";
                    throw FileErrors.Unusable(kind, path, what, "pack it without --sparse");
                }

                yield return new TarMember(name, type is '0' or '\0' or '7', length);
                if (!isMetadata) (longName, pax) = (null, default);
            }

            Skip(stream, (TarHeader.BlockBytes - (length % TarHeader.BlockBytes)) % TarHeader.BlockBytes, path, kind);
        }
    }

    /// <summary>Goes past bytes.</summary>
    public static void Skip(Stream stream, long bytes, string path, string kind)
    {
        if (stream.CanSeek)
        {
            if (bytes > stream.Length - stream.Position) throw FileErrors.Damaged(kind, path, EndsEarly);
            stream.Position += bytes;
            return;
        }

        var waste = new byte[Math.Min(bytes, 1 << 16)];
        while (bytes > 0)
        {
            int read = stream.Read(waste.AsSpan(0, (int)Math.Min(bytes, waste.Length)));
            if (read == 0) throw FileErrors.Damaged(kind, path, EndsEarly);
            bytes -= read;
        }
    }

    // False at the end: a block of zeros, or, where a writer left that out, the end of the bytes.
    private static bool ReadHeader(Stream stream, byte[] header, string path, string kind)
    {
        var read = header.AsSpan(0, stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false));
        if (!read.ContainsAnyExcept((byte)0)) return false;
        if (!TarHeader.IsTar(read)) throw FileErrors.Damaged(kind, path, "it is no tar archive, or a damaged one");
        if (read.Length < header.Length) throw FileErrors.Damaged(kind, path, "it ends within a member's header");
        if (!TarHeader.HasItsChecksum(header)) throw FileErrors.Damaged(kind, path, "a member's header does not have its checksum");
        return true;
    }

    private static long LengthOf(byte[] header, string path, string kind) => TarHeader.LengthOf(header) switch
    {
        null => throw FileErrors.Damaged(kind, path, "a member of it has no length"),
        < 0 => throw FileErrors.Damaged(kind, path, "a member of it has a negative length"),
        { } length => length,
    };

    private static byte[] ReadMetadata(Stream stream, long length, string path, string kind)
    {
        if (length > MaxMetadataBytes) throw FileErrors.Damaged(kind, path, $"a name in it has {length} bytes");
        var bytes = new byte[length];
        if (stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
            throw FileErrors.Damaged(kind, path, EndsEarly);
        return bytes;
    }
}
