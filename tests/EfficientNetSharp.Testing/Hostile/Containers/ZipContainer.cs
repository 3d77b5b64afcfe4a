using System.IO.Compression;

namespace EfficientNetSharp.Testing.Hostile.Containers;

/// <summary>Zip archives: a part per member.</summary>
public sealed class ZipContainer : IContainer
{
    // The same mutant at any time.
    private static readonly DateTimeOffset Time = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private sealed record Member(string Name, bool IsStored);

    /// <inheritdoc />
    public ContainerContents? Open(byte[] bytes)
    {
        if (!bytes.AsSpan().StartsWith("PK\u0003\u0004"u8)) return null;
        try
        {
            using var archive = new ZipArchive(new MemoryStream(bytes));
            var parts = new List<ContainerPart>();
            foreach (var entry in archive.Entries)
            {
                using var stream = entry.Open();
                if (Inflation.TryRead(stream) is not { } plain) return null;
                parts.Add(new(new Member(entry.FullName, entry.CompressedLength == entry.Length), plain));
            }

            return new(parts, Join);
        }
        catch (Exception e) when (e is InvalidDataException or ArgumentException or NotSupportedException or EndOfStreamException)
        {
            return null;
        }
    }

    private static byte[] Join(IReadOnlyList<ContainerPart> parts)
    {
        using var target = new MemoryStream();
        using (var archive = new ZipArchive(target, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var part in parts)
            {
                var member = (Member)part.Tag!;
                var level = member.IsStored ? CompressionLevel.NoCompression : CompressionLevel.Fastest;
                // Archives by other hands may have names that this writer does not take.
                var entry = archive.CreateEntry(member.Name.Length > 0 ? member.Name : "_", level);
                entry.LastWriteTime = Time;
                using var stream = entry.Open();
                stream.Write(part.Bytes);
            }
        }

        return target.ToArray();
    }
}
