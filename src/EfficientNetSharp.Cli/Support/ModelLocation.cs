using EfficientNetSharp.Architectures;
using EfficientNetSharp.Files;
using EfficientNetSharp.Training.Runs;
using EfficientNetSharp.Weights.Downloads;

namespace EfficientNetSharp.Cli.Support;

/// <summary>
/// Where the model lies that a person named: a file, the folder of a run, or the name of published weights, which are fetched once.
/// </summary>
internal static class ModelLocation
{
    /// <summary>The file to open.</summary>
    /// <param name="terminal">Is told what was taken, where that is not a file by its own name.</param>
    /// <param name="given">What was typed.</param>
    /// <param name="note">Is told instead of the terminal, where several processes would say it.</param>
    /// <exception cref="InvalidInputException">It is nothing of these; the message names the nearest.</exception>
    public static string Find(Terminal terminal, string given, Action<string>? note = null)
    {
        note ??= terminal.Note;
        // What lies on the disk goes before what is published.
        if (File.Exists(given)) return given;
        // A folder that holds a checkpoint of TensorFlow is a file of weights as well.
        if (Directory.Exists(given)) return Directory.EnumerateFiles(given, "*.index").Any() ? given : OfRun(note, given);
        if (Host.Opener.Readers.Any(reader => reader.Reads(given))) return given;
        var rows = PublishedWeightsTable.TryFind(given);
        if (rows.IsEmpty) throw Unknown(given);
        var row = rows[0];
        var fetched = Fetching.Fetch(terminal, row);
        string others = rows.Length == 1 ? "" : $" 'effnet download {given} --list' shows {rows.Length} sets.";
        string top1 = row.Top1 is { } accuracy ? FormattableString.Invariant($", {accuracy:F1} % top-1 on ImageNet") : "";
        note($"{Fetching.Describe(row, fetched).TrimEnd('.')}{top1} at {row.Resolution} pixels, {row.Licence}.{others}");
        return fetched.Path;
    }

    /// <summary>What a file made of a model is called in the current folder, without its ending: of a file, a run or published weights.</summary>
    public static string StemOf(string given) =>
        File.Exists(given) ? Path.GetFileNameWithoutExtension(given) : Path.GetFileName(Path.TrimEndingDirectorySeparator(given));

    private static string OfRun(Action<string> note, string folder)
    {
        var run = new RunFolder(folder);
        if (File.Exists(run.Model))
        {
            note($"Taking the run's best model, {run.Model}.");
            return run.Model;
        }

        if (File.Exists(run.Probe))
        {
            note($"Taking the run's probe, {run.Probe}; it has no better model yet.");
            return run.Probe;
        }

        throw new InvalidInputException(File.Exists(run.Checkpoint)
            ? $"The run in '{folder}' has no model yet; wait for its first epoch, or go on with 'effnet train --resume'."
            : $"A model is expected, found the folder '{folder}'; name the file in it, or the folder of a run of 'effnet train'.");
    }

    private static InvalidInputException Unknown(string given)
    {
        // Names of published weights begin with their source.
        bool isPath = given.IndexOfAny(['/', Path.DirectorySeparatorChar]) >= 0
            && !PublishedSources.All.Any(source => given.StartsWith($"{source}/", StringComparison.OrdinalIgnoreCase));
        if (isPath || (Path.GetExtension(given) is { Length: > 0 } ending && FileEndings.Contains(ending)))
            return new InvalidInputException($"There is no file '{given}'; check the name.");
        if (ArchitectureRegistry.Find(given) is { } architecture)
            return new InvalidInputException(
                $"There is no file '{given}', and of the network {architecture.Name} no weights are published under a name here; name a file of weights, or train it.");
        var known = PublishedWeightsTable.All.SelectMany(row => new[] { row.Architecture, row.Name }).Distinct();
        return new InvalidInputException(
            $"There is no file {OneLine.Quote(given)}, and no published weights are called so. The nearest names are "
            + $"{string.Join(", ", NearestNames.Of(given, known))}; 'effnet download --list' shows all.");
    }

    private static readonly HashSet<string> FileEndings = new(StringComparer.OrdinalIgnoreCase)
    {
        ".safetensors", ".onnx", ".pth", ".pt", ".npz", ".h5", ".keras", ".index", ".gz", ".tgz", ".tar", ".zip", ".bin", ".ckpt",
    };
}
