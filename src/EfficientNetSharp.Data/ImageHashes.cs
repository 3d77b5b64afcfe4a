using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;

namespace EfficientNetSharp.Data;

/// <summary>
/// Images by their content, short enough to be kept with the model that was trained on them: whether an image is one of them can be told
/// wherever it lies and whatever it is called. An image counts as the same where its file is the same, byte for byte.
/// </summary>
/// <remarks>
/// Each is 48 bits of its file's SHA-256, eight characters of text. That another file has the hash of one of 100,000 happens once in
/// 2.8 billion.
/// </remarks>
public sealed class ImageHashes
{
    /// <summary>Most images that are kept so, 800 KB of text; a model of more is judged by parts that are published as such.</summary>
    public const int MaxImages = 100_000;

    private const int Bytes = 6, Characters = 8;

    private readonly ImmutableSortedSet<ulong> _hashes;

    private ImageHashes(IEnumerable<ulong> hashes) => _hashes = [.. hashes];

    /// <summary>Images known, those that are the same counted once.</summary>
    public int Count => _hashes.Count;

    /// <summary>Reads all images of a dataset; those that cannot be read are left out.</summary>
    /// <param name="images">The images.</param>
    /// <returns>Their hashes; <see langword="null"/> where they are more than <see cref="MaxImages"/>.</returns>
    public static ImageHashes? Of(IImageDataset images)
    {
        ArgumentNullException.ThrowIfNull(images);
        return images.Count > MaxImages ? null : new ImageHashes(HashesOf(images).OfType<ulong>());
    }

    /// <summary>Reads what <see cref="ToString"/> wrote.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="InvalidInputException">It is none.</exception>
    public static ImageHashes Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        byte[] bytes = new byte[text.Length / Characters * Bytes];
        if (text.Length % Characters != 0 || !Convert.TryFromBase64String(text, bytes, out _))
            throw new InvalidInputException("The hashes of the training images in the model's card are damaged; train the model anew.");
        return new ImageHashes(Enumerable.Range(0, bytes.Length / Bytes).Select(i => Number(bytes.AsSpan(i * Bytes, Bytes))));
    }

    /// <summary>The numbers of a dataset's images that are among these; an image that cannot be read is not.</summary>
    /// <param name="images">The images.</param>
    public ImmutableArray<int> FindIn(IImageDataset images)
    {
        ArgumentNullException.ThrowIfNull(images);
        ulong?[] hashes = HashesOf(images);
        return [.. Enumerable.Range(0, hashes.Length).Where(i => hashes[i] is { } hash && _hashes.Contains(hash))];
    }

    /// <summary>All hashes, in order, as Base64.</summary>
    public override string ToString()
    {
        byte[] bytes = new byte[_hashes.Count * Bytes];
        for (int i = 0; i < _hashes.Count; i++)
        {
            for (int b = 0; b < Bytes; b++) bytes[(i * Bytes) + b] = (byte)(_hashes[i] >> (8 * (Bytes - 1 - b)));
        }

        return Convert.ToBase64String(bytes);
    }

    private static ulong?[] HashesOf(IImageDataset images)
    {
        ulong?[] hashes = new ulong?[images.Count];
        Parallel.For(0, images.Count, () => new EncodedBuffer(), (i, _, buffer) =>
        {
            try
            {
                images.ReadEncoded(i, buffer);
                hashes[i] = Number(SHA256.HashData(buffer.Bytes));
            }
            catch (InvalidInputException)
            {
                // Whoever needs its pixels says what is wrong with it.
            }

            return buffer;
        }, _ => { });
        return hashes;
    }

    private static ulong Number(ReadOnlySpan<byte> bytes)
    {
        Span<byte> eight = stackalloc byte[sizeof(ulong)];
        eight.Clear();
        bytes[..Bytes].CopyTo(eight[(sizeof(ulong) - Bytes)..]);
        return BinaryPrimitives.ReadUInt64BigEndian(eight);
    }
}
