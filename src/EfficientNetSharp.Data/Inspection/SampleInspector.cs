using System.Collections.Immutable;
using System.Security.Cryptography;
using EfficientNetSharp.Imaging;
using EfficientNetSharp.Imaging.Codecs;

namespace EfficientNetSharp.Data.Inspection;

/// <summary>Looks at images that are to stand for many others, as those that a network is calibrated with, for what would mislead.</summary>
public static class SampleInspector
{
    // What compression makes of a single colour differs by a few steps of 255.
    private const int BlankSpread = 8;

    // Hashes of photographs of unlike scenes differ in 20 bits and more; those of one saved twice in a few.
    private const int NearDistance = 2;

    private readonly record struct Look(UInt128 Content, ulong? Hash, ImageSize Size, bool IsBlank);

    /// <summary>Looks at all of them; one that cannot be read is left to whoever needs its pixels.</summary>
    /// <param name="images">The images.</param>
    /// <param name="height">Rows of the network's input.</param>
    /// <param name="width">Columns of it.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static SampleReport Inspect(IImageDataset images, int height, int width, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        var looks = new Look[images.Count];
        Parallel.For(0, looks.Length, new ParallelOptions { CancellationToken = cancellationToken }, () => new EncodedBuffer(),
            (i, _, buffer) =>
            {
                looks[i] = LookAt(images, i, buffer);
                return buffer;
            }, _ => { });
        var groups = Duplicates.Find(
            [.. looks.Select(look => look.Content)], [.. looks.Select(look => look.IsBlank ? null : look.Hash)], NearDistance, cancellationToken);
        return new SampleReport
        {
            Count = images.Count,
            Input = new ImageSize(width, height),
            Blank = Names(look => look.IsBlank),
            Small = Names(look => look.Hash is not null && (look.Size.Width < width || look.Size.Height < height)),
            Duplicates = [.. groups.Where(group => !Overlaps(group)).Select(group => group.Members.Select(images.NameOf).ToImmutableArray())],
            Classes = images.Classes.Length,
            ClassesSeen = Enumerable.Range(0, images.Count).Select(images.LabelOf).Distinct().Count(),
        };

        ImmutableArray<string> Names(Func<Look, bool> which) => [.. Enumerable.Range(0, looks.Length).Where(i => which(looks[i])).Select(images.NameOf)];

        // Equal files come as a group of their own and may be among those that only look alike.
        bool Overlaps((int[] Members, bool IsExact) group) =>
            group.IsExact && groups.Any(other => !other.IsExact && group.Members.All(other.Members.Contains));
    }

    private static Look LookAt(IImageDataset images, int index, EncodedBuffer buffer)
    {
        try
        {
            images.ReadEncoded(index, buffer);
            Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(buffer.Bytes, digest);
            using var image = ImageDecoder.Decode(buffer.Bytes, images.NameOf(index));
            return new Look(
                new UInt128(BitConverter.ToUInt64(digest), BitConverter.ToUInt64(digest[8..])), PerceptualHash.Of(image), image.Size, IsBlank(image));
        }
        catch (InvalidInputException)
        {
            return default;
        }
    }

    private static bool IsBlank(Image image)
    {
        Span<byte> lowest = [255, 255, 255], highest = [0, 0, 0];
        for (int y = 0; y < image.Height; y++)
        {
            var row = image.Row(y);
            for (int x = 0; x < image.Width; x++)
            {
                for (int c = 0; c < 3; c++)
                {
                    byte value = row[(x * Image.BytesPerPixel) + c];
                    lowest[c] = Math.Min(lowest[c], value);
                    highest[c] = Math.Max(highest[c], value);
                }
            }

            for (int c = 0; c < 3; c++)
            {
                if (highest[c] - lowest[c] > BlankSpread) return false;
            }
        }

        return true;
    }
}
