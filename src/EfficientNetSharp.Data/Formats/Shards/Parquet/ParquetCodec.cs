using System.Buffers.Binary;
using System.IO.Compression;
using Snappier;

namespace EfficientNetSharp.Data.Formats.Shards.Parquet;

/// <summary>
/// Unpacks pages (<c>CompressionCodec</c> of parquet.thrift) into exactly the bytes that their header promises: no codec takes memory
/// for more, whatever the packed bytes say.
/// </summary>
internal static class ParquetCodec
{
    private const int Uncompressed = 0, Snappy = 1, Gzip = 2, Brotli = 4, Lz4 = 5, Zstandard = 6, Lz4Raw = 7;

    /// <summary>Whether pages of a codec can be unpacked.</summary>
    public static bool IsKnown(int codec) => codec is Uncompressed or Snappy or Gzip or Brotli or Zstandard or Lz4Raw;

    /// <summary>What a codec is called, for messages.</summary>
    public static string NameOf(int codec) => codec switch
    {
        3 => "LZO",
        Lz4 => "LZ4 in Hadoop's own frames",
        _ => $"method {codec}",
    };

    /// <summary>Unpacks bytes; <see langword="false"/> where they are damaged or of another length.</summary>
    public static bool TryUnpack(int codec, ReadOnlySpan<byte> packed, Span<byte> target)
    {
        try
        {
            return codec switch
            {
                Uncompressed => packed.Length == target.Length && packed.TryCopyTo(target),
                Snappy => Snappier.Snappy.TryDecompress(packed, target, out int written) && written == target.Length,
                Gzip => TryGunzip(packed, target),
                Brotli => BrotliDecoder.TryDecompress(packed, target, out int written) && written == target.Length,
                Zstandard => TryUnpackZstandard(packed, target),
                _ => TryUnpackLz4(packed, target),
            };
        }
        catch (Exception e) when (e is InvalidDataException or IOException or ZstdSharp.ZstdException)
        {
            return false;
        }
    }

    // One or more members, one after another.
    private static bool TryGunzip(ReadOnlySpan<byte> packed, Span<byte> target)
    {
        using var stream = new GZipStream(new MemoryStream(packed.ToArray()), CompressionMode.Decompress);
        return stream.ReadAtLeast(target, target.Length, throwOnEndOfStream: false) == target.Length && stream.ReadByte() < 0;
    }

    private static bool TryUnpackZstandard(ReadOnlySpan<byte> packed, Span<byte> target)
    {
        using var unpacker = new ZstdSharp.Decompressor();
        return unpacker.TryUnwrap(packed, target, out int written) && written == target.Length;
    }

    // LZ4's block format (its doc/lz4_Block_format.md): literals and copies of what was written before, in turn.
    private static bool TryUnpackLz4(ReadOnlySpan<byte> packed, Span<byte> target)
    {
        int from = 0, to = 0;
        while (from < packed.Length)
        {
            byte token = packed[from++];
            if (!TryReadLength(packed, ref from, token >> 4, out int literals)) return false;
            if (literals > packed.Length - from || literals > target.Length - to) return false;
            packed.Slice(from, literals).CopyTo(target[to..]);
            from += literals;
            to += literals;
            // The last sequence is literals only.
            if (from == packed.Length) break;
            if (packed.Length - from < sizeof(ushort)) return false;
            int distance = BinaryPrimitives.ReadUInt16LittleEndian(packed[from..]);
            from += sizeof(ushort);
            if (!TryReadLength(packed, ref from, token & 0xf, out int copied)) return false;
            copied += 4;
            if (distance == 0 || distance > to || copied > target.Length - to) return false;
            // What is copied may reach into what the copy writes.
            for (int end = to + copied; to < end; to++) target[to] = target[to - distance];
        }

        return to == target.Length;
    }

    private static bool TryReadLength(ReadOnlySpan<byte> packed, ref int from, int nibble, out int length)
    {
        length = nibble;
        if (nibble < 15) return true;
        while (from < packed.Length && length < int.MaxValue - 1000)
        {
            byte more = packed[from++];
            length += more;
            if (more < 255) return true;
        }

        return false;
    }
}
