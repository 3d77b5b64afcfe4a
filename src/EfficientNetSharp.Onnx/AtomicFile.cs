namespace EfficientNetSharp.Onnx;

/// <summary>Writes a file whole or not at all: under a temporary name in the same folder, flushed to disk, then renamed.</summary>
internal static class AtomicFile
{
    /// <exception cref="InvalidInputException">The path is a folder, its folder does not exist, or it may not be written.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        if (string.IsNullOrWhiteSpace(path)) throw new InvalidInputException("A file name is expected to write to, found none; name a file.");
        string target = Path.GetFullPath(path), folder = Path.GetDirectoryName(target) ?? target;
        if (Directory.Exists(target)) throw new InvalidInputException($"Cannot write '{path}': it is a folder; name a file in it.");
        if (!Directory.Exists(folder)) throw new InvalidInputException($"Cannot write '{path}': the folder '{folder}' does not exist; make it first.");
        string temporary = Path.Combine(folder, $".{Path.GetRandomFileName()}.tmp");
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, target, overwrite: true);
        }
        catch (UnauthorizedAccessException e)
        {
            File.Delete(temporary);
            throw new InvalidInputException($"Cannot write '{path}': no permission; choose another folder or change the rights of this one.", e);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
