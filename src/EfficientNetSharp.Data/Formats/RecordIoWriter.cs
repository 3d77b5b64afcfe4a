using System.Globalization;
using System.Text;
using EfficientNetSharp.Data.Formats.Shards.RecordIo;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Data.Formats;

/// <summary>
/// Writes images as MXNet's RecordIO in insightface's layout, which arcface_torch trains from: <c>x.rec</c> with <c>x.idx</c>, <c>x.lst</c>
/// and <c>property</c> beside it. Record 0 says which keys are images, the images follow identity by identity, then a record for each
/// identity with its first image and the one behind its last. Encoded images are taken as they are.
/// </summary>
public static class RecordIoWriter
{
    /// <summary>Writes all images.</summary>
    /// <param name="images">The images; identities without one are left out, and the others' labels close up.</param>
    /// <param name="path">The <c>.rec</c> file.</param>
    /// <param name="height">Rows of the images in pixels, for <c>property</c>.</param>
    /// <param name="width">Columns of the images in pixels.</param>
    /// <exception cref="InvalidInputException">An image cannot be read or is too large, or a file cannot be written.</exception>
    public static void Write(IImageDataset images, string path, int height = 112, int width = 112)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(path);
        if (!path.EndsWith(".rec", StringComparison.OrdinalIgnoreCase))
            throw new InvalidInputException($"A RecordIO file is expected to end in .rec, found '{path}'; name it so.");
        var present = PresentClasses.Of(images);
        int[] order = [.. Enumerable.Range(0, present.Count).OrderBy(present.LabelOf)];
        int[] counts = present.CountsOfClasses();
        var (index, list) = (new StringBuilder(), new StringBuilder());
        AtomicFile.Write(path, stream =>
        {
            long position = 0;
            int key = 0;
            Put(record => ImageRecord.Write(record, key, order.Length + 1, order.Length + 1 + counts.Length));
            var buffer = new EncodedBuffer();
            foreach (int image in order)
            {
                present.ReadEncoded(image, buffer);
                int label = present.LabelOf(image);
                list.Append(CultureInfo.InvariantCulture, $"{key}\t{label:F6}\t{present.NameOf(image)}\n");
                Put(record =>
                {
                    ImageRecord.Write(record, key, label);
                    record.Write(buffer.Bytes);
                });
            }

            for (int identity = 0, first = 1; identity < counts.Length; first += counts[identity++])
            {
                int from = first, to = first + counts[identity];
                Put(record => ImageRecord.Write(record, key, from, to));
            }

            void Put(Action<MemoryStream> write)
            {
                using var record = new MemoryStream();
                write(record);
                if (record.Length > RecordIoFraming.MaxLength)
                    throw new InvalidInputException($"A RecordIO record holds {RecordIoFraming.MaxLength} bytes, found {record.Length}; leave the image out.");
                index.Append(CultureInfo.InvariantCulture, $"{key++}\t{position}\n");
                RecordIoFraming.Write(stream, record.GetBuffer().AsSpan(0, (int)record.Length));
                position = stream.Position;
            }
        });
        AtomicFile.WriteText(Path.ChangeExtension(path, ".idx"), index.ToString());
        AtomicFile.WriteText(Path.ChangeExtension(path, ".lst"), list.ToString());
        AtomicFile.WriteText(
            Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, "property"),
            string.Create(CultureInfo.InvariantCulture, $"{counts.Length},{height},{width}\n"));
    }
}
