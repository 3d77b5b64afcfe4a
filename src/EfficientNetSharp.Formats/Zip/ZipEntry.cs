namespace EfficientNetSharp.Formats.Zip;

/// <summary>A file in a zip archive, as the archive's directory describes it.</summary>
/// <param name="Name">Its path within the archive.</param>
/// <param name="IsDeflated">Compressed by deflate, not stored as it is.</param>
/// <param name="Checksum">The checksum of its bytes.</param>
/// <param name="CompressedLength">Bytes it takes in the archive.</param>
/// <param name="Length">Bytes it has.</param>
/// <param name="HeaderPosition">Where its local header is.</param>
internal sealed record ZipEntry(string Name, bool IsDeflated, uint Checksum, long CompressedLength, long Length, long HeaderPosition)
{
    /// <summary>Whether it is a folder, which has no bytes.</summary>
    public bool IsFolder => Name.EndsWith('/') || Name.EndsWith('\\');
}
