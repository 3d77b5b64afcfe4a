using EfficientNetSharp.Files;

namespace EfficientNetSharp.Data.Folders;

/// <summary>Reads image files whole, with messages for people.</summary>
internal static class ImageFileReader
{
    /// <summary>The size of the file behind a path, links followed; −1 when it cannot be told.</summary>
    public static long SizeOf(string path)
    {
        // The file behind a link is what is read, so its size counts.
        var file = new FileInfo(path);
        try
        {
            var target = file.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? file;
            return target.Exists ? target.Length : -1;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return -1;
        }
    }

    /// <summary>Reads a file into a buffer.</summary>
    /// <exception cref="InvalidInputException">It cannot be read; the message names it.</exception>
    public static void Read(string path, EncodedBuffer buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        FileEntry.EnsureReadable(path);
        try
        {
            using var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
            long size = RandomAccess.GetLength(file);
            if (size > Array.MaxLength)
            {
                throw new InvalidInputException(
                    $"Expected an image at '{path}', found {size} bytes, more than an image file can have. Remove the file.");
            }
            var room = buffer.Resize((int)size);
            int read = 0;
            while (read < room.Length && RandomAccess.Read(file, room[read..], read) is > 0 and var more) read += more;
            buffer.Truncate(read);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException(
                $"Expected a readable image at '{path}', but it cannot be read ({failure.Message.TrimEnd('.')}). Restore or remove the " +
                "file.", failure);
        }
    }
}
