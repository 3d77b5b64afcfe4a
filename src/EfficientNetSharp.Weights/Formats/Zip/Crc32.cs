namespace EfficientNetSharp.Weights.Formats.Zip;

/// <summary>The checksum of zip archives: CRC-32 of ISO-HDLC (reflected polynomial 0xEDB88320; its check value is 0xCBF43926).</summary>
internal static class Crc32
{
    // Tables[k][b] is the effect of byte b with k zero bytes behind it, so that eight bytes take one step ("slicing by 8").
    private static readonly uint[][] Tables = MakeTables();

    /// <summary>The checksum of what was before and the bytes; start with 0.</summary>
    public static uint Append(uint checksum, ReadOnlySpan<byte> bytes)
    {
        uint crc = ~checksum;
        while (bytes.Length >= 8)
        {
            crc = Tables[7][(byte)(crc ^ bytes[0])]
                ^ Tables[6][(byte)((crc >> 8) ^ bytes[1])]
                ^ Tables[5][(byte)((crc >> 16) ^ bytes[2])]
                ^ Tables[4][(byte)((crc >> 24) ^ bytes[3])]
                ^ Tables[3][bytes[4]] ^ Tables[2][bytes[5]] ^ Tables[1][bytes[6]] ^ Tables[0][bytes[7]];
            bytes = bytes[8..];
        }

        foreach (byte value in bytes) crc = (crc >> 8) ^ Tables[0][(byte)(crc ^ value)];
        return ~crc;
    }

    private static uint[][] MakeTables()
    {
        var tables = new uint[8][];
        for (int table = 0; table < tables.Length; table++)
        {
            tables[table] = new uint[256];
            for (uint value = 0; value < 256; value++)
            {
                uint crc = table == 0 ? value : tables[table - 1][value];
                if (table == 0)
                    for (int bit = 0; bit < 8; bit++) crc = (crc & 1) == 0 ? crc >> 1 : (crc >> 1) ^ 0xEDB88320;
                else
                    crc = (crc >> 8) ^ tables[0][(byte)crc];
                tables[table][value] = crc;
            }
        }

        return tables;
    }
}
