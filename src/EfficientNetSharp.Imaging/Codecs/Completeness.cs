using System.Buffers.Binary;

namespace EfficientNetSharp.Imaging.Codecs;

/// <summary>
/// Whether a file goes on to its end, for the kinds where the decoder library takes less and fills the rest of the image with what it
/// has: progressive JPEG with some of its scans, WebP with its last bytes missing. Pillow refuses these as well.
/// </summary>
internal static class Completeness
{
    private const byte Marker = 0xFF, EndOfImage = 0xD9, FirstRestart = 0xD0, LastRestart = 0xD7, Temporary = 0x01;

    internal static bool IsComplete(ReadOnlySpan<byte> file, ImageFormat format) => format switch
    {
        // Nearly every file ends with the marker; only others are walked through.
        ImageFormat.Jpeg => file.EndsWith((ReadOnlySpan<byte>)[Marker, EndOfImage]) || HasEndOfImage(file),
        // "RIFF", the number of bytes that follow, "WEBP".
        ImageFormat.WebP => file.Length - 8 >= BinaryPrimitives.ReadUInt32LittleEndian(file[4..]),
        _ => true,
    };

    /// <summary>Looks for the end marker of the image itself, not of a thumbnail in a segment.</summary>
    private static bool HasEndOfImage(ReadOnlySpan<byte> jpeg)
    {
        var rest = jpeg[2..];
        while (true)
        {
            int at = rest.IndexOf(Marker);
            if (at < 0 || at + 1 >= rest.Length) return false;
            byte kind = rest[at + 1];
            if (kind == EndOfImage) return true;
            if (kind == Marker)
            {
                // Any number of fill bytes may precede a marker.
                rest = rest[(at + 1)..];
                continue;
            }

            rest = rest[(at + 2)..];
            // Within compressed data: an escaped 0xFF, or a restart marker. Neither has a length.
            if (kind is 0 or Temporary or (>= FirstRestart and <= LastRestart)) continue;
            if (rest.Length < 2) return false;
            rest = rest[Math.Min(BinaryPrimitives.ReadUInt16BigEndian(rest), rest.Length)..];
        }
    }
}
