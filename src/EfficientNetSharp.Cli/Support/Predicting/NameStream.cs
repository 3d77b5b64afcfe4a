using System.Collections.Concurrent;
using System.Text;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Cli.Support.Predicting;

/// <summary>
/// Names of files as they come in: those that are there are taken together, and none waits for the next. So a program that names an image
/// now and then gets each answer at once, and one that names a million gets them in batches.
/// </summary>
internal static class NameStream
{
    // Longer than any system's paths.
    private const int MaxBytes = 1 << 16;

    /// <summary>The names, as many at once as have come.</summary>
    /// <param name="stream">Where they come from, in UTF-8.</param>
    /// <param name="separator">What ends a name: a line feed or NUL.</param>
    /// <param name="most">How many at once at most.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static IEnumerable<string[]> Read(Stream stream, char separator, int most, CancellationToken cancellationToken)
    {
        using var names = new BlockingCollection<string>(4 * most);
        Exception? failure = null;
        // A read from a pipe cannot be interrupted, so it is left alone.
        new Thread(() =>
        {
            try
            {
                foreach (string name in Split(stream, (byte)separator)) names.Add(name, cancellationToken);
            }
            catch (Exception exception)
            {
                failure = exception;
            }

            try
            {
                names.CompleteAdding();
            }
            catch (ObjectDisposedException)
            {
                // Nobody reads any more.
            }
        })
        { IsBackground = true, Name = "Names" }.Start();
        while (names.TryTake(out string? first, Timeout.Infinite, cancellationToken))
        {
            List<string> together = [first];
            while (together.Count < most && names.TryTake(out string? next)) together.Add(next);
            yield return [.. together];
        }

        if (failure is InvalidInputException or IOException) throw failure;
    }

    private static IEnumerable<string> Split(Stream stream, byte separator)
    {
        byte[] buffer = new byte[4096];
        var name = new List<byte>();
        for (int read; (read = stream.Read(buffer)) > 0;)
        {
            for (int i = 0; i < read; i++)
            {
                if (buffer[i] != separator)
                {
                    if (name.Count >= MaxBytes)
                    {
                        throw new InvalidInputException(
                            $"Standard input is expected to hold names of images, found one of more than {MaxBytes} bytes; " +
                            "end each by a line feed, or by NUL with --null.");
                    }

                    name.Add(buffer[i]);
                    continue;
                }

                if (Name() is { Length: > 0 } whole) yield return whole;
                name.Clear();
            }
        }

        if (Name() is { Length: > 0 } last) yield return last;

        // Windows' lines end in two characters.
        string Name() => Encoding.UTF8.GetString([.. name]) is var text && separator == '\n' ? text.TrimEnd('\r') : text;
    }
}
