using System.IO.Compression;
using EfficientNetSharp.Files;
using EfficientNetSharp.Formats.TensorFlow;

namespace EfficientNetSharp.Data.Formats.Shards;

/// <summary>
/// TFRecord files that are compressed as a whole, by GZIP or ZLIB (tensorflow/core/lib/io/record_writer.h). A record in them can only be
/// reached by unpacking all before it, so they are unpacked once, to a temporary file that nobody else sees and that ends with the process.
/// </summary>
internal static class CompressedRecords
{
    // Images hardly shrink and their pixels by a tenth or so; drawings on white by fifty. A file that claims more is not unpacked to its
    // end.
    private const long MaxExpansion = 200, Always = 64 << 20;

    /// <summary>The records of a compressed file; <see langword="null"/> where it is not compressed.</summary>
    /// <exception cref="InvalidInputException">It is damaged, or there is no room for what it unpacks to.</exception>
    public static InputFile? Unpack(InputFile file)
    {
        Span<byte> start = stackalloc byte[RecordFraming.HeaderBytes];
        if (file.ReadAtMost(0, start) < start.Length || RecordFraming.ReadLength(start) is not null) return null;
        bool isGzip = start is [0x1F, 0x8B, 8, ..];
        // RFC 1950: method 8 with a window of at most 32 kB, and a check of both bytes.
        bool isZlib = (start[0] & 0x0F) == 8 && start[0] >> 4 <= 7 && ((start[0] << 8) | start[1]) % 31 == 0;
        if (!isGzip && !isZlib) return null;
        using var packed = file.OpenStream();
        using Stream stream = isGzip
            ? new GZipStream(packed, CompressionMode.Decompress)
            : new ZLibStream(packed, CompressionMode.Decompress);
        string path = Path.Combine(Path.GetTempPath(), $"effnet-{Guid.NewGuid():N}.tfrecord");
        try
        {
            using (var target = new FileStream(path, FileMode.CreateNew, FileAccess.Write)) Copy(stream, target, file);
            var unpacked = InputFile.Open(path);
            // The open file stays readable; its name goes now, so that nothing is left behind however the process ends.
            File.Delete(path);
            return unpacked;
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException or InvalidInputException)
        {
            File.Delete(path);
            if (e is InvalidInputException) throw;
            throw e is InvalidDataException
                ? DatasetErrors.Damaged(file.Path, "it is compressed and cannot be unpacked", e)
                : DatasetErrors.Unusable(
                    file.Path, $"it is compressed and cannot be unpacked to '{Path.GetTempPath()}' ({OneLine.Clean(e.Message, 200)})",
                    "make room there, or unpack it yourself", e);
        }
    }

    private static void Copy(Stream stream, FileStream target, InputFile file)
    {
        long limit = Always + (MaxExpansion * file.Length), written = 0;
        var buffer = new byte[1 << 16];
        for (int read; (read = stream.Read(buffer)) > 0; written += read)
        {
            if (written + read > limit)
            {
                throw DatasetErrors.Unusable(
                    file.Path, $"its {file.Length} bytes unpack to more than {limit}", "unpack it yourself if that is meant");
            }

            target.Write(buffer, 0, read);
        }
    }
}
