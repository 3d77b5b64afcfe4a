using EfficientNetSharp.Files;
using EfficientNetSharp.Formats;
using EfficientNetSharp.Formats.Tar;
using EfficientNetSharp.Formats.Zip;

namespace EfficientNetSharp.Data.Downloads;

/// <summary>
/// Unpacks archives: tar, gzipped tar and zip. Only files are made, and only below the folder given; links and devices are left out, which
/// no set of images needs. What an archive may become is bounded by its length: a small one cannot fill the disk.
/// </summary>
internal static class ArchiveUnpacker
{
    private const int BufferBytes = 1 << 17;

    // Images hardly compress; lists and uncompressed images do, some twenty times.
    private const long FreeBytes = 1L << 30, MaxRatio = 100;

    // A member's entry takes a hundred bytes; what compression makes of it in a tar archive is seldom below these.
    private const long FreeFiles = 100_000, BytesPerFile = 16;

    /// <summary>Unpacks an archive.</summary>
    /// <param name="archive">The file; its contents tell its kind.</param>
    /// <param name="folder">Where to; made when needed.</param>
    /// <param name="nested">Whether members that are tar archives become folders of their names.</param>
    /// <param name="progress">Told of the bytes of the archive that are done, and of all of them.</param>
    /// <param name="cancellationToken">Ends the work between two files.</param>
    /// <returns>The number of files made.</returns>
    /// <exception cref="InvalidInputException">It is no archive, damaged, or would write elsewhere.</exception>
    /// <exception cref="WriteFailedException">A file cannot be written, for example because the disk is full.</exception>
    public static int Unpack(
        string archive, string folder, bool nested, IProgress<(long Done, long Total)>? progress, CancellationToken cancellationToken)
    {
        folder = Path.GetFullPath(folder);
        OutputFolder.Create(folder);
        using var file = InputFile.Open(archive);
        var start = new byte[FileSignature.UsefulBytes];
        var known = start.AsSpan(0, file.ReadAtMost(0, start));
        using var stream = file.OpenStream();
        var room = new Room(archive, file.Length);
        if (known.StartsWith("PK"u8)) return UnpackZip(file, folder, room, progress, cancellationToken);
        void Report() => progress?.Report((stream.Position, file.Length));
        if (!known.StartsWith<byte>([0x1F, 0x8B])) return UnpackTar(room, stream, folder, nested, Report, cancellationToken);
        using var unpacked = new GunzipStream(stream, archive, DatasetErrors.Kind);
        return UnpackTar(room, unpacked, folder, nested, Report, cancellationToken);
    }

    private static int UnpackTar(
        Room room, Stream stream, string folder, bool nested, Action report, CancellationToken cancellationToken)
    {
        string archive = room.Archive;
        int files = 0;
        foreach (var member in TarMembers.Read(stream, archive, DatasetErrors.Kind))
        {
            cancellationToken.ThrowIfCancellationRequested();
            // What is passed over has to be decompressed too; archives in an archive count by what they hold.
            room.Take(member.Length);
            if (!member.IsFile || member.Name.EndsWith('/'))
            {
                TarMembers.Skip(stream, member.Length, archive, DatasetErrors.Kind);
                continue;
            }

            var contents = new MemberStream(stream, member.Length);
            string target = SafePath.Of(folder, member.Name, archive);
            if (nested && member.Name.EndsWith(".tar", StringComparison.OrdinalIgnoreCase))
            {
                string inner = target[..^".tar".Length];
                OutputFolder.Create(inner);
                files += UnpackTar(room, contents, inner, nested: false, report, cancellationToken);
                TarMembers.Skip(contents, contents.Left, archive, DatasetErrors.Kind);
            }
            else
            {
                Write(target, contents, archive, member.Length);
                files++;
            }

            report();
        }

        return files;
    }

    private static int UnpackZip(
        InputFile file, string folder, Room room, IProgress<(long Done, long Total)>? progress, CancellationToken cancellationToken)
    {
        var zip = ZipDirectory.Read(file, DatasetErrors.Kind, room.Bytes);
        long total = zip.Entries.Sum(entry => entry.CompressedLength), done = 0;
        int files = 0;
        foreach (var entry in zip.Entries)
        {
            cancellationToken.ThrowIfCancellationRequested();
            room.Take(entry.Length);
            done += entry.CompressedLength;
            if (entry.IsFolder) continue;
            string target = SafePath.Of(folder, entry.Name, file.Path);
            using var contents = zip.Open(entry);
            Write(target, contents, file.Path, entry.Length);
            contents.CheckEnd();
            files++;
            progress?.Report((done, total));
        }

        return files;
    }

    // What the directory of an archive says is the most that is written: a small file cannot fill the disk.
    private static void Write(string target, Stream contents, string archive, long length)
    {
        using var output = Create(target);
        var buffer = new byte[(int)Math.Clamp(length, 1, BufferBytes)];
        long written = 0;
        for (int read; (read = contents.Read(buffer)) > 0; written += read)
        {
            if (written + read > length) throw DatasetErrors.Damaged(archive, $"'{Path.GetFileName(target)}' in it is longer than it says");
            Write(output, buffer.AsSpan(0, read), target);
        }

        if (written < length) throw DatasetErrors.Damaged(archive, "it ends within a member");
    }

    private static FileStream Create(string target)
    {
        OutputFolder.Create(Path.GetDirectoryName(target)!);
        try
        {
            return new FileStream(target, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WriteFailedException(target, e);
        }
    }

    private static void Write(FileStream output, ReadOnlySpan<byte> bytes, string target)
    {
        try
        {
            output.Write(bytes);
        }
        catch (IOException e)
        {
            throw new WriteFailedException(target, e);
        }
    }

    /// <summary>What an archive may still become.</summary>
    private sealed class Room(string archive, long length)
    {
        private long _bytes = FreeBytes + (MaxRatio * length), _files = FreeFiles + (length / BytesPerFile);

        public string Archive => archive;

        public long Bytes => _bytes;

        public void Take(long bytes)
        {
            if (bytes > _bytes || _files == 0)
            {
                throw DatasetErrors.Unusable(
                    archive,
                    $"its {length} bytes unpack to over {FreeBytes + (MaxRatio * length)} bytes or {FreeFiles + (length / BytesPerFile)} files",
                    "fetch it from its makers, or unpack it yourself if you trust it");
            }

            _bytes -= bytes;
            _files--;
        }
    }

    /// <summary>The bytes of a member, read from a stream that may not seek.</summary>
    private sealed class MemberStream(Stream stream, long length) : Stream
    {
        public long Left { get; private set; } = length;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            int read = Left == 0 ? 0 : stream.Read(buffer[..(int)Math.Min(buffer.Length, Left)]);
            Left -= read;
            return read;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
