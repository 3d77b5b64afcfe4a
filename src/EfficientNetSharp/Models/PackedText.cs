using System.IO.Compression;
using System.Text;

namespace EfficientNetSharp.Models;

/// <summary>Text in fewer characters: UTF-8, deflated (RFC 1951), in base64. JSON of graphs and plans becomes a tenth.</summary>
internal static class PackedText
{
    /// <summary>Most bytes that are unpacked; the graphs of the largest networks have some hundred thousand.</summary>
    public const int MaxBytes = 16 << 20;

    /// <summary>Packs a text.</summary>
    public static string Pack(string text)
    {
        using var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.SmallestSize, leaveOpen: true)) deflate.Write(Encoding.UTF8.GetBytes(text));
        return Convert.ToBase64String(packed.GetBuffer(), 0, (int)packed.Length);
    }

    /// <summary>Unpacks a text.</summary>
    /// <param name="packed">What <see cref="Pack"/> made.</param>
    /// <param name="what">What it is, for messages.</param>
    /// <exception cref="InvalidInputException">It is nothing packed, or more than any model has.</exception>
    public static string Unpack(string packed, string what)
    {
        try
        {
            using var deflate = new DeflateStream(new MemoryStream(Convert.FromBase64String(packed)), CompressionMode.Decompress);
            using var text = new MemoryStream();
            byte[] buffer = new byte[16 << 10];
            for (int read; (read = deflate.Read(buffer)) > 0;)
            {
                if (text.Length + read > MaxBytes)
                    throw new InvalidInputException($"its packed '{what}' has more than {MaxBytes} bytes, which no network has; make or fetch it again.");
                text.Write(buffer, 0, read);
            }

            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(text.GetBuffer(), 0, (int)text.Length);
        }
        catch (Exception e) when (e is FormatException or InvalidDataException or DecoderFallbackException)
        {
            throw new InvalidInputException($"its '{what}' is expected to be packed (deflate in base64) and is not; make or fetch it again.", e);
        }
    }
}
