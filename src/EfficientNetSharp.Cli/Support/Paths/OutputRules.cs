using System.CommandLine;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Cli.Support.Paths;

/// <summary>
/// What holds for the outputs of every verb, checked before any work: each can be written, none is what the verb reads or another output,
/// and each is called what it will be. A file that is there is replaced, when the new one is whole; but no file of a folder all of which
/// is read.
/// </summary>
internal static class OutputRules
{
    // What a folder of images that is read again would take for one of them.
    private static readonly string[] ImageEndings = [".png", ".jpg"];

    /// <summary>Checks what a command was given.</summary>
    /// <exception cref="InvalidInputException">An output breaks a rule; the message says which and what to do.</exception>
    public static void Check(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        IEnumerable<Symbol> words = [.. command.Arguments, .. command.Options];
        Check(
            [.. words.OfType<IInput>().SelectMany(word => word.In(parsed))],
            [.. words.OfType<OutputOption>().SelectMany(word => word.In(parsed))]);
    }

    /// <summary>Checks outputs, all that are known, against inputs.</summary>
    /// <exception cref="InvalidInputException">An output breaks a rule; the message says which and what to do.</exception>
    public static void Check(IReadOnlyList<InputPath> inputs, params IReadOnlyList<OutputPath> outputs)
    {
        var read = new Dictionary<Locations.Place, string>();
        foreach (var input in inputs)
        {
            // What is not there, or is a word and no file, whoever reads it says.
            if (FileEntry.At(input.Path).Kind is FileKind.File or FileKind.Folder) read.TryAdd(Locations.Of(input.Path), input.Path);
        }

        var written = new Dictionary<Locations.Place, OutputPath>();
        foreach (var output in outputs)
        {
            EnsureName(output);
            var place = Locations.Of(Path.GetFullPath(output.Path));
            if (read.TryGetValue(place, out string? same)) throw IsRead(output, same);
            EnsureEnding(output);
            // Where it was not typed, other words may be wrong; the verb checks it once it knows what it reads.
            foreach (var input in output.IsGiven ? inputs : []) EnsureApart(output, input);
            if (!written.TryAdd(place, output))
                throw new InvalidInputException($"{written[place].Option} and {output.Option} are one place, '{output.Path}'; name two.");
        }

        foreach (var output in outputs) EnsureWritable(output);
    }

    private static void EnsureName(OutputPath output)
    {
        string? found = string.IsNullOrWhiteSpace(output.Path) ? "nothing" : output.Path.Contains('\0') ? "one with a NUL character" : null;
        if (found is null) return;
        throw new InvalidInputException(
            $"{output.Option} expects the name of a {(output.IsFile ? "file" : "folder")}, found {found}; name one.");
    }

    private static void EnsureEnding(OutputPath output)
    {
        // A device takes anything.
        if (!output.IsFile || output.HasEnding || FileEntry.At(output.Path).Kind == FileKind.Device) return;
        throw new InvalidInputException(
            $"{output.Option} is expected to end in {Either(output.Endings)}, found '{output.Path}'; name the file by what it will hold.");
    }

    private static InvalidInputException IsRead(OutputPath output, string input) => new(
        $"{output.Option} '{output.Path}' is the input{(input == output.Path ? " itself" : $" '{input}'")}; " +
        $"name another {(output.IsFile ? "file" : "folder")} to write.");

    private static void EnsureApart(OutputPath output, InputPath input)
    {
        string path = Path.GetFullPath(output.Path);
        if (output.Kind == OutputKind.OwnFolder && Locations.IsWithin(input.Path, path))
        {
            throw new InvalidInputException(
                $"{output.Option} '{output.Path}' holds the input '{input.Path}'; name a folder of its own to write to.");
        }

        if (input.Kind != InputKind.Images || !Locations.IsWithin(path, input.Path)) return;
        string place = $"{output.Option} '{output.Path}' lies in the input '{input.Path}'";
        if (!output.IsFile) throw new InvalidInputException($"{place}; name a folder outside of it.");
        if (ImageEndings.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase))
            throw new InvalidInputException($"{place}: it would become one of its images; name a file outside of it.");
        if (File.Exists(path)) throw new InvalidInputException($"{place}, and is there already; name another file, or remove it first.");
    }

    private static void EnsureWritable(OutputPath output)
    {
        if (!output.IsFile) OutputFolder.EnsureWritable(output.Path);
        else if (!output.IsGiven && Path.GetDirectoryName(Path.GetFullPath(output.Path)) is { } folder && !Directory.Exists(folder))
            OutputFolder.EnsureWritable(folder);
        else AtomicFile.EnsureWritable(output.Path);
    }

    private static string Either(IReadOnlyList<string> endings) => endings.Count == 1
        ? endings[0]
        : $"{string.Join(", ", endings.SkipLast(1))} or {endings[^1]}";
}
