using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace EfficientNetSharp.Testing.Hostile;

/// <summary>Changes of bytes that know nothing of a format: flips, numbers at the edges of their ranges, cuts, copies, words.</summary>
internal static class ByteMutations
{
    /// <summary>Mutants stay below this, so that what they take memory for is not their own length.</summary>
    private const int MaxLength = 1 << 18;

    private static readonly long[] Edges =
    [
        0, 1, -1, 2, 3, 7, 8, 127, 128, 255, 256, 32_767, 32_768, 65_535, 65_536, 1 << 20, (1 << 24) - 1, 1 << 30, int.MaxValue,
            int.MinValue,
        uint.MaxValue, 1L << 32, (1L << 40) + 1, long.MaxValue, long.MinValue, long.MaxValue / 4, -2, -4, -8,
    ];

    private static readonly string[] Numbers =
    [
        "0", "-1", "1", "2", "7", "64", "65536", "1000000", "2147483647", "-2147483648", "4294967296", "9223372036854775807", "1e-9", "1e9",
        "1e308", "1e999", "0.5", "NaN", "null", "true", "\"x\"", "[]", "{}", "\"\\ud800\"", "99999999999999999999999999",
    ];

    /// <summary>Changes bytes once.</summary>
    /// <param name="bytes">The bytes; left as they are.</param>
    /// <param name="words">Pieces that mean something to the format.</param>
    /// <param name="donor">Bytes of another input of the format.</param>
    /// <param name="dice">Chooses.</param>
    public static byte[] Apply(byte[] bytes, IReadOnlyList<byte[]> words, byte[] donor, Dice dice)
    {
        byte[] result = dice.Next(16) switch
        {
            0 => Flip(bytes, dice),
            1 => SetBytes(bytes, dice),
            2 or 3 => PutNumber(bytes, dice),
            4 => PutVarint(bytes, dice),
            5 => bytes[..dice.Next(bytes.Length)],
            6 => Cut(bytes, dice),
            7 => Duplicate(bytes, dice),
            8 => Repeat(bytes, dice),
            9 => Insert(bytes, dice),
            10 => [.. bytes, .. new byte[dice.Length(4096)]],
            11 => Splice(bytes, donor, dice),
            12 => words.Count == 0 ? Flip(bytes, dice) : PutWord(bytes, dice.Pick(words), dice),
            13 => Swap(bytes, dice),
            14 => Nudge(bytes, dice),
            _ => PutDecimal(bytes, dice),
        };
        return result.Length > MaxLength + bytes.Length ? result[..(MaxLength + bytes.Length)] : result;
    }

    // Headers are where the meaning is, so half of the changes go to the first bytes.
    private static int Place(byte[] bytes, Dice dice) => dice.OnceIn(2) ? dice.Next(Math.Min(bytes.Length, 128)) : dice.Next(bytes.Length);

    private static byte[] Changed(byte[] bytes, Action<byte[]> change)
    {
        if (bytes.Length == 0) return bytes;
        byte[] copy = [.. bytes];
        change(copy);
        return copy;
    }

    private static byte[] Flip(byte[] bytes, Dice dice) => Changed(bytes, copy =>
    {
        for (int i = dice.Next(4); i >= 0; i--) copy[Place(copy, dice)] ^= (byte)(1 << dice.Next(8));
    });

    private static byte[] SetBytes(byte[] bytes, Dice dice) => Changed(bytes, copy =>
    {
        for (int i = dice.Next(4); i >= 0; i--) copy[Place(copy, dice)] = (byte)dice.Bits();
    });

    private static byte[] PutNumber(byte[] bytes, Dice dice) => Changed(bytes, copy =>
    {
        Span<byte> number = stackalloc byte[sizeof(long)];
        long value = dice.OnceIn(4) ? copy.Length + dice.Next(9) - 4 : dice.Pick(Edges);
        int size = 1 << dice.Next(4);
        BinaryPrimitives.WriteInt64LittleEndian(number, value);
        number = number[..size];
        if (dice.OnceIn(2)) number.Reverse();
        int at = Place(copy, dice);
        if (dice.OnceIn(2)) at = at / size * size;
        number[..Math.Min(size, copy.Length - at)].CopyTo(copy.AsSpan(at));
    });

    // Seven bits a byte, as protobuf, Thrift and LevelDB write numbers: the old one goes, whatever its length.
    private static byte[] PutVarint(byte[] bytes, Dice dice)
    {
        if (bytes.Length == 0) return bytes;
        int at = Place(bytes, dice), end = at;
        while (end < bytes.Length - 1 && end - at < 9 && bytes[end] >= 0x80) end++;
        ulong value = unchecked((ulong)dice.Pick(Edges));
        // Thrift's compact protocol folds the sign into the lowest bit.
        if (dice.OnceIn(2)) value = unchecked((value << 1) ^ (ulong)((long)value >> 63));
        return [.. bytes[..at], .. Varint(value), .. bytes[(end + 1)..]];
    }

    /// <summary>A number of seven bits a byte, least significant first.</summary>
    internal static byte[] Varint(ulong value)
    {
        var encoded = new List<byte>();
        for (; value >= 0x80; value >>= 7) encoded.Add((byte)(value | 0x80));
        encoded.Add((byte)value);
        return [.. encoded];
    }

    private static byte[] Cut(byte[] bytes, Dice dice)
    {
        if (bytes.Length == 0) return bytes;
        int at = Place(bytes, dice), count = dice.Length(bytes.Length - at);
        return [.. bytes[..at], .. bytes[(at + count)..]];
    }

    private static byte[] Duplicate(byte[] bytes, Dice dice)
    {
        if (bytes.Length == 0) return bytes;
        int from = Place(bytes, dice), count = dice.Length(bytes.Length - from), to = Place(bytes, dice);
        return [.. bytes[..to], .. bytes[from..(from + count)], .. bytes[to..]];
    }

    // What a reader makes of many like pieces shows what it takes for each.
    private static byte[] Repeat(byte[] bytes, Dice dice)
    {
        if (bytes.Length == 0) return bytes;
        int from = Place(bytes, dice), count = dice.Length(Math.Min(64, bytes.Length - from));
        int times = Math.Min(dice.Length(1 << 15), MaxLength / count);
        var result = new byte[bytes.Length + (count * times)];
        bytes.AsSpan(0, from).CopyTo(result);
        for (int i = 0; i < times; i++) bytes.AsSpan(from, count).CopyTo(result.AsSpan(from + (i * count)));
        bytes.AsSpan(from).CopyTo(result.AsSpan(from + (count * times)));
        return result;
    }

    private static byte[] Insert(byte[] bytes, Dice dice)
    {
        int at = Place(bytes, dice);
        var inserted = new byte[dice.Length(64)];
        if (dice.OnceIn(2)) inserted.AsSpan().Fill((byte)dice.Bits());
        else for (int i = 0; i < inserted.Length; i++) inserted[i] = (byte)dice.Bits();
        return [.. bytes[..at], .. inserted, .. bytes[at..]];
    }

    private static byte[] Splice(byte[] bytes, byte[] donor, Dice dice)
    {
        int at = dice.Next(bytes.Length), from = dice.Next(donor.Length), count = dice.Length(donor.Length - from);
        return dice.OnceIn(2)
            ? [.. bytes[..at], .. donor[from..]]
            : [.. bytes[..at], .. donor[from..(from + count)], .. bytes[Math.Min(bytes.Length, at + count)..]];
    }

    private static byte[] PutWord(byte[] bytes, byte[] word, Dice dice)
    {
        int at = Place(bytes, dice), replaced = dice.OnceIn(2) ? 0 : Math.Min(word.Length, bytes.Length - at);
        return [.. bytes[..at], .. word, .. bytes[(at + replaced)..]];
    }

    private static byte[] Swap(byte[] bytes, Dice dice) => Changed(bytes, copy =>
    {
        int length = dice.Length(Math.Min(64, copy.Length / 2)), first = dice.Next(copy.Length - length),
            second = dice.Next(copy.Length - length);
        byte[] kept = copy[first..(first + length)];
        copy.AsSpan(second, length).CopyTo(copy.AsSpan(first));
        kept.CopyTo(copy.AsSpan(second));
    });

    private static byte[] Nudge(byte[] bytes, Dice dice) => Changed(bytes, copy =>
    {
        int at = Place(copy, dice);
        copy[at] = unchecked((byte)(copy[at] + (dice.OnceIn(2) ? 1 : -1) * (1 + dice.Next(4))));
    });

    // Numbers in texts: the one at or behind a place becomes another.
    private static byte[] PutDecimal(byte[] bytes, Dice dice)
    {
        if (bytes.Length == 0) return bytes;
        int at = Place(bytes, dice);
        while (at < bytes.Length && !char.IsAsciiDigit((char)bytes[at])) at++;
        if (at == bytes.Length) return PutNumber(bytes, dice);
        int end = at;
        while (end < bytes.Length && (char.IsAsciiDigit((char)bytes[end]) || bytes[end] is (byte)'.')) end++;
        string number = dice.OnceIn(4) ? dice.Next(1000).ToString(CultureInfo.InvariantCulture) : dice.Pick(Numbers);
        return [.. bytes[..at], .. Encoding.ASCII.GetBytes(number), .. bytes[end..]];
    }
}
