using System.Buffers.Binary;

namespace EfficientNetSharp.Testing.Hostile.Containers;

/// <summary>Safetensors files: a header whose length stands before it, and the tensors' bytes.</summary>
public sealed class SafetensorsContainer : IContainer
{
    /// <inheritdoc />
    public ContainerContents? Open(byte[] bytes)
    {
        if (bytes.Length < 10 || bytes[8] != (byte)'{') return null;
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        return length > (ulong)(bytes.Length - 8)
            ? null
            : new([new(true, bytes[8..(8 + (int)length)]), new(null, bytes[(8 + (int)length)..])], Join);
    }

    private static byte[] Join(IReadOnlyList<ContainerPart> parts)
    {
        using var target = new MemoryStream();
        Span<byte> length = stackalloc byte[sizeof(ulong)];
        foreach (var part in parts)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)part.Bytes.Length);
            if (part.Tag is not null) target.Write(length);
            target.Write(part.Bytes);
        }

        return target.ToArray();
    }
}

/// <summary>Parquet files: pages, then metadata whose length stands behind it.</summary>
public sealed class ParquetContainer : IContainer
{
    private static ReadOnlySpan<byte> Magic => "PAR1"u8;

    /// <inheritdoc />
    public ContainerContents? Open(byte[] bytes)
    {
        var all = bytes.AsSpan();
        if (bytes.Length < 12 || !all.StartsWith(Magic) || !all.EndsWith(Magic)) return null;
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(all[^8..]);
        return length > bytes.Length - 12
            ? null
            : new([new(null, bytes[..^(8 + (int)length)]), new(true, bytes[^(8 + (int)length)..^8])], Join);
    }

    private static byte[] Join(IReadOnlyList<ContainerPart> parts)
    {
        using var target = new MemoryStream();
        foreach (var part in parts) target.Write(part.Bytes);
        Span<byte> length = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteInt32LittleEndian(length, parts.FirstOrDefault(part => part.Tag is not null)?.Bytes.Length ?? 0);
        target.Write(length);
        target.Write(Magic);
        return target.ToArray();
    }
}
