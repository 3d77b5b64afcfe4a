using Microsoft.Win32.SafeHandles;

namespace EfficientNetSharp.Files;

/// <summary>
/// A file that a person gave, open for reading at any position. Its failures are one-line <see cref="InvalidInputException"/>s.
/// </summary>
/// <remarks>
/// Positioned reads rather than a memory map: when another program shortens the file, a read fails with a message, where
/// touching mapped memory would end the process. Safe for use from many threads at once.
/// </remarks>
public sealed class InputFile : IDisposable
{
    private readonly SafeFileHandle _handle;

    private InputFile(string path, SafeFileHandle handle, long length)
    {
        Path = path;
        _handle = handle;
        Length = length;
    }

    /// <summary>The path as given.</summary>
    public string Path { get; }

    /// <summary>Length in bytes when it was opened.</summary>
    public long Length { get; }

    /// <summary>Opens a file.</summary>
    /// <exception cref="InvalidInputException">There is none, it is a folder or not a regular file, or it may not be read.</exception>
    public static InputFile Open(string path)
    {
        if (string.IsNullOrWhiteSpace(path) || path.Contains('\0'))
            throw new InvalidInputException("A file name is expected to read from, found none; name a file.");
        if (Directory.Exists(path)) throw new InvalidInputException($"Cannot read '{path}': it is a folder; name a file in it.");
        FileEntry.EnsureReadable(path);
        SafeFileHandle? handle = null;
        try
        {
            // Delete sharing lets AtomicFile replace a file that is being read; elsewhere than on Windows that is always so.
            handle = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            return new InputFile(path, handle, RandomAccess.GetLength(handle));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            handle?.Dispose();
            string why = e switch
            {
                FileNotFoundException or DirectoryNotFoundException => "there is no such file; check the name",
                UnauthorizedAccessException => "no permission; change its rights",
                NotSupportedException => "it is not a regular file; copy its contents to one",
                _ => OneLine.Clean(e.Message, 200),
            };
            throw new InvalidInputException($"Cannot read '{path}': {why}.", e);
        }
    }

    /// <summary>Reads a file, whole or its first bytes.</summary>
    /// <param name="path">The file.</param>
    /// <param name="max">The most bytes to read.</param>
    /// <exception cref="InvalidInputException">
    /// As <see cref="Open"/>; reading failed, or the file is larger than an array can be.
    /// </exception>
    public static byte[] ReadAllBytes(string path, int max = int.MaxValue)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(max);
        using var file = Open(path);
        long length = Math.Min(file.Length, max);
        if (length > Array.MaxLength)
        {
            throw new InvalidInputException(
                $"Cannot read '{path}': it has {length} bytes, more than fit into memory at once; name another.");
        }

        var bytes = new byte[length];
        int read = file.ReadAtMost(0, bytes);
        return read == bytes.Length ? bytes : bytes[..read];
    }

    /// <summary>Reads a text file, UTF-8 where it does not begin as another encoding does.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxBytes">The most bytes that such a file has.</param>
    /// <exception cref="InvalidInputException">As <see cref="Open"/>; reading failed, or it is longer.</exception>
    public static string ReadAllText(string path, int maxBytes = int.MaxValue)
    {
        using var file = Open(path);
        if (file.Length > maxBytes)
        {
            throw new InvalidInputException(
                $"Cannot read '{path}': a text of at most {maxBytes} bytes is expected, found {file.Length}; name another file.");
        }

        using var reader = new StreamReader(file.OpenStream());
        return reader.ReadToEnd();
    }

    /// <summary>Fills the buffer with the bytes at a position.</summary>
    /// <exception cref="InvalidInputException">The file ends before, or reading failed.</exception>
    public void ReadExactly(long position, Span<byte> buffer)
    {
        if (ReadAtMost(position, buffer) < buffer.Length)
            throw new InvalidInputException(
                $"'{Path}' ends early: {buffer.Length} bytes at {position} are expected; fetch or make it again.");
    }

    /// <summary>Fills the buffer with the bytes at a position as far as the file goes.</summary>
    /// <returns>The number of bytes read.</returns>
    /// <exception cref="InvalidInputException">Reading failed.</exception>
    public int ReadAtMost(long position, Span<byte> buffer)
    {
        int filled = 0;
        try
        {
            while (filled < buffer.Length)
            {
                int read = RandomAccess.Read(_handle, buffer[filled..], position + filled);
                if (read == 0) break;
                filled += read;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"Cannot read '{Path}': {OneLine.Clean(e.Message, 200)}.", e);
        }

        return filled;
    }

    /// <summary>The file from its start as a stream.</summary>
    public InputFileStream OpenStream() => new(this, 0, Length);

    /// <summary>
    /// What the file seems to be by its first bytes, see <see cref="FileSignature"/>; <see langword="null"/> where they say nothing.
    /// </summary>
    /// <exception cref="InvalidInputException">Reading failed.</exception>
    public string? DescribeKind()
    {
        Span<byte> start = stackalloc byte[FileSignature.UsefulBytes];
        return FileSignature.Describe(start[..ReadAtMost(0, start)]);
    }

    /// <inheritdoc />
    public void Dispose() => _handle.Dispose();
}
