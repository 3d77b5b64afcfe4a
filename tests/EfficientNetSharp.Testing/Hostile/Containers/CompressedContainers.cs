using System.IO.Compression;

namespace EfficientNetSharp.Testing.Hostile.Containers;

/// <summary>Gzip: one part, the bytes without compression.</summary>
public sealed class GzipContainer : IContainer
{
    /// <inheritdoc />
    public ContainerContents? Open(byte[] bytes)
    {
        if (bytes is not [0x1F, 0x8B, ..]) return null;
        using var stream = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        return Inflation.TryRead(stream) is { } plain ? new([new(null, plain)], parts => Join(parts)) : null;
    }

    private static byte[] Join(IReadOnlyList<ContainerPart> parts)
    {
        using var target = new MemoryStream();
        foreach (var part in parts)
        {
            using var stream = new GZipStream(target, CompressionLevel.Fastest, leaveOpen: true);
            stream.Write(part.Bytes);
        }

        return target.ToArray();
    }
}

/// <summary>Deflated bytes with zlib's header: one part, the bytes without compression.</summary>
public sealed class ZlibContainer : IContainer
{
    /// <inheritdoc />
    public ContainerContents? Open(byte[] bytes)
    {
        if (bytes is not [0x78, 0x01 or 0x5E or 0x9C or 0xDA, ..]) return null;
        using var stream = new ZLibStream(new MemoryStream(bytes), CompressionMode.Decompress);
        return Inflation.TryRead(stream) is { } plain ? new([new(null, plain)], Join) : null;
    }

    private static byte[] Join(IReadOnlyList<ContainerPart> parts)
    {
        using var target = new MemoryStream();
        using (var stream = new ZLibStream(target, CompressionLevel.Fastest, leaveOpen: true))
            foreach (var part in parts) stream.Write(part.Bytes);
        return target.ToArray();
    }
}

/// <summary>Decompression that gives up where it takes long.</summary>
internal static class Inflation
{
    private const int MaxBytes = 1 << 22;

    /// <summary>All of a stream; <see langword="null"/> where it is damaged or long.</summary>
    public static byte[]? TryRead(Stream stream)
    {
        try
        {
            using var plain = new MemoryStream();
            var buffer = new byte[1 << 14];
            for (int read; (read = stream.Read(buffer)) > 0;)
            {
                plain.Write(buffer, 0, read);
                if (plain.Length > MaxBytes) return null;
            }

            return plain.ToArray();
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}
