namespace EfficientNetSharp.Training.Logging;

/// <summary>
/// A file that grows. A checkpoint remembers its length; a run that goes on from there cuts what was written after it, so that a log
/// tells of each step once.
/// </summary>
internal sealed class AppendFile : IDisposable
{
    private readonly FileStream _stream;

    /// <summary>Opens or makes the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="length">The length to cut it to.</param>
    public AppendFile(string path, long length)
    {
        _stream = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
        try
        {
            _stream.SetLength(Math.Min(length, _stream.Length));
            _stream.Seek(0, SeekOrigin.End);
        }
        catch
        {
            _stream.Dispose();
            throw;
        }
    }

    /// <summary>Adds bytes.</summary>
    public void Write(ReadOnlySpan<byte> bytes) => _stream.Write(bytes);

    /// <summary>Brings all to disk and says how long the file is.</summary>
    public long Flush()
    {
        _stream.Flush(flushToDisk: true);
        return _stream.Length;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        try
        {
            _stream.Dispose();
        }
        catch (IOException)
        {
            // A full disk has been met already by whoever wrote last; what is not in the checkpoint's length is cut anyway.
        }
    }
}
