using System.Text;
using EfficientNetSharp.Files;
using EfficientNetSharp.Formats.Downloads;

namespace EfficientNetSharp.Studies.Trials;

/// <summary>
/// The results of a study's trials: a file of lines that only ever grows, one line per trial, written at once and flushed. A line that was
/// cut short, as by a crash, does not count and is overwritten by the next one.
/// </summary>
/// <param name="path">The file.</param>
public sealed class StudyTable(string path)
{
    // A line has some hundred bytes, and a study some thousand lines; what is far larger is another file.
    private const long MaxBytes = 1L << 28;

    private const byte LineEnd = (byte)'\n';

    /// <summary>Reads all results by their keys.</summary>
    /// <exception cref="InvalidInputException">
    /// A line but the last is damaged, or two lines of one trial say different things; the message names the lines.
    /// </exception>
    public IReadOnlyDictionary<string, TrialResult> Read()
    {
        var results = new Dictionary<string, TrialResult>(StringComparer.Ordinal);
        var lines = new Dictionary<string, int>(StringComparer.Ordinal);
        byte[] bytes = ReadBytes();
        int start = 0;
        for (int number = 1; Array.IndexOf(bytes, LineEnd, start) is >= 0 and var end; number++, start = end + 1)
        {
            string line = Encoding.UTF8.GetString(bytes, start, end - start).TrimEnd('\r');
            if (line.Length == 0) continue;
            var result = TrialLine.Read(line, out string? problem) ?? throw new InvalidInputException(
                $"'{path}', line {number} is damaged ({problem}); delete the line, and its trial is trained again.");
            if (results.TryAdd(result.Key, result)) lines.Add(result.Key, number);
            else if (!results[result.Key].Agrees(result))
            {
                throw new InvalidInputException(
                    $"'{path}', lines {lines[result.Key]} and {number} are of one trial and differ; delete the one that is wrong.");
            }
        }

        return results;
    }

    /// <summary>Adds a result at the end, unless there is one of its trial already. Any number of processes may do so at once.</summary>
    /// <returns>Whether it was added.</returns>
    /// <exception cref="InvalidInputException">The table is damaged.</exception>
    /// <exception cref="WriteFailedException">It cannot be written.</exception>
    internal bool Append(TrialResult result)
    {
        try
        {
            using var alone = FileLock.TakeAsync(path, TimeProvider.System, () => { }, CancellationToken.None).GetAwaiter().GetResult();
            if (Read().ContainsKey(result.Key)) return false;
            using var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
            long end = EndOfLines(file);
            if (file.Length > end) file.SetLength(end);
            file.Position = end;
            file.Write(Encoding.UTF8.GetBytes(TrialLine.Of(result) + "\n"));
            file.Flush(flushToDisk: true);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new WriteFailedException(path, e);
        }
    }

    // Behind the last end of a line.
    private static long EndOfLines(FileStream file)
    {
        var last = new byte[1];
        for (long end = file.Length; end > 0; end--)
        {
            file.Position = end - 1;
            file.ReadExactly(last);
            if (last[0] == LineEnd) return end;
        }

        return 0;
    }

    private byte[] ReadBytes()
    {
        if (FileEntry.At(path).Kind == FileKind.Missing) return [];
        FileEntry.EnsureReadable(path);
        try
        {
            // Another process may be writing.
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length > MaxBytes)
                throw new InvalidInputException($"'{path}' is expected to be a study's table of at most {MaxBytes} bytes, found {file.Length}.");
            var bytes = new byte[file.Length];
            return bytes[..file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"Cannot read '{path}': {OneLine.Clean(e.Message, 200)}.", e);
        }
    }
}
