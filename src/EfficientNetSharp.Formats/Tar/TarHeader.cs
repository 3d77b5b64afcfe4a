using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;

namespace EfficientNetSharp.Formats.Tar;

/// <summary>The block in front of each member of a tar archive: POSIX's ustar, with what GNU tar does otherwise.</summary>
internal static class TarHeader
{
    /// <summary>Bytes of a header; members are filled up to a multiple of them.</summary>
    public const int BlockBytes = 512;

    // Every second byte of eight, so that sums of bytes have 16 bits to grow into.
    private const ulong EvenBytes = 0x00ff_00ff_00ff_00ff, TopBits = 0x8080_8080_8080_8080;

    /// <summary>Whether a file that starts so is a tar archive.</summary>
    public static bool IsTar(ReadOnlySpan<byte> start) => start.Length > 262 && start[257..].StartsWith("ustar"u8);

    /// <summary>What kind of member follows: <c>0</c> for a file.</summary>
    public static char TypeOf(ReadOnlySpan<byte> header) => (char)header[156];

    /// <summary>The name, as far as the header has room for it.</summary>
    public static string NameOf(ReadOnlySpan<byte> header)
    {
        string name = Encoding.UTF8.GetString(UpToZero(header[..100]));
        // POSIX, whose magic ends with a zero, has the first part of a long path at 345; GNU has times there.
        string prefix = header[262] == 0 ? Encoding.UTF8.GetString(UpToZero(header.Slice(345, 155))) : "";
        return prefix.Length == 0 ? name : $"{prefix}/{name}";
    }

    /// <summary>The member's bytes, which may be negative; <see langword="null"/> where the field holds no number.</summary>
    public static long? LengthOf(ReadOnlySpan<byte> header)
    {
        var field = header.Slice(124, 12);
        // With the top bit set GNU's binary number, of which the last eight bytes matter.
        return (field[0] & 0x80) != 0 ? BinaryPrimitives.ReadInt64BigEndian(field[4..]) : Octal(field);
    }

    /// <summary>Whether the header is as it was written. Old writers summed signed bytes, which readers accept to this day.</summary>
    public static bool HasItsChecksum(ReadOnlySpan<byte> header)
    {
        ulong lanes = 0;
        int negative = 0;
        foreach (ulong eight in MemoryMarshal.Cast<byte, ulong>(header[..BlockBytes]))
        {
            lanes += (eight & EvenBytes) + ((eight >> 8) & EvenBytes);
            negative += BitOperations.PopCount(eight & TopBits);
        }

        long sum = (long)((lanes & 0xffff) + ((lanes >> 16) & 0xffff) + ((lanes >> 32) & 0xffff) + (lanes >> 48));
        // The checksum's own field counts as spaces.
        var field = header.Slice(148, 8);
        foreach (byte value in field)
        {
            sum += ' ' - value;
            if (value >= 0x80) negative--;
        }

        return Octal(field) is { } stated && (stated == sum || stated == sum - (256L * negative));
    }

    private static long? Octal(ReadOnlySpan<byte> field)
    {
        long number = 0;
        foreach (byte digit in UpToZero(field).Trim((byte)' '))
        {
            if (digit is < (byte)'0' or > (byte)'7') return null;
            number = (number * 8) + digit - '0';
        }

        return number;
    }

    private static ReadOnlySpan<byte> UpToZero(ReadOnlySpan<byte> text) => text.IndexOf((byte)0) is var end and >= 0 ? text[..end] : text;
}
