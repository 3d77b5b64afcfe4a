namespace EfficientNetSharp.Inference.Integers;

/// <summary>Tables of 256 entries as bytes, for vectors that look bytes up: the lowest entry, then each entry's distance from it.</summary>
internal static class ByteTable
{
    /// <summary>16-bit integers that the lowest entry takes, with room that leaves the bytes aligned.</summary>
    public const int BaseLength = 32;

    /// <summary>Arranges a table; <see langword="null"/> where its entries are more than a byte apart.</summary>
    public static short[]? Arrange(ReadOnlySpan<short> table)
    {
        short lowest = short.MaxValue, highest = short.MinValue;
        foreach (short entry in table) (lowest, highest) = (Math.Min(lowest, entry), Math.Max(highest, entry));
        if (highest - lowest > byte.MaxValue) return null;
        var arranged = new short[BaseLength + (table.Length / 2)];
        arranged[0] = lowest;
        var bytes = System.Runtime.InteropServices.MemoryMarshal.AsBytes(arranged.AsSpan(BaseLength));
        for (int i = 0; i < table.Length; i++) bytes[i] = (byte)(table[i] - lowest);
        return arranged;
    }
}
