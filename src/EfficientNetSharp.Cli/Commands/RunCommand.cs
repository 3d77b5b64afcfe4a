using System.Collections.Immutable;
using System.CommandLine;
using System.Text;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Prediction;
using EfficientNetSharp.Running;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet run</c>: raw tensors in and out, for comparison with other tools.</summary>
internal static class RunCommand
{
    private const string Ending = ".npy";

    public static Command Create(Terminal terminal)
    {
        var model = SharedOptions.Model();
        var input = new InputOption("--input", InputKind.File)
        {
            Description = "NumPy file with normalised images, float32 [N,C,H,W].",
            Required = true,
        };
        var output = new OutputOption("--output")
        {
            Kind = OutputKind.FileOrFolder,
            Endings = _ => [Ending],
            Description = "NumPy file to write, .npy: the network's output [N,…]. Else a folder, in which each output gets a file.",
            Required = true,
        };
        var features = SharedOptions.Features();
        var backend = SharedOptions.Backend();
        var runner = new RunnerChoice();
        var command = new Command("run", "Run raw tensors through a model.") { model, input, output, features, backend };
        runner.AddTo(command);
        command.SetAction(parsed => Run(
            terminal, parsed.GetRequiredValue(model), parsed.GetRequiredValue(input)!, output.In(parsed).First(),
            parsed.GetValue(features), parsed.GetValue(backend), runner.Get(parsed)));
        return command;
    }

    private static int Run(Terminal terminal, string path, string input, OutputPath output, FeatureSelection? features, string? backend,
        RunnerOptions options)
    {
        var array = NpyFile.Read(input);
        if (array.Shape.Length != 4 || array.Shape.Any(length => length == 0))
            throw new InvalidInputException(
                $"'{input}' has shape [{string.Join(",", array.Shape)}], expected [N,C,H,W] with at least one image.");

        int batch = array.Shape[0], height = array.Shape[2], width = array.Shape[3];
        using var open = Host.Opener.Open(ModelLocation.Find(terminal, path), new OpenOptions
        {
            Backend = backend,
            Runner = options,
            Size = new InputSize(height, width),
            Features = features,
            OnFallback = terminal.Note,
        });
        var runner = open.Runner;
        int channels = runner.InputShape.Channels;
        if (array.Shape[1] != channels)
            throw new InvalidInputException(
                $"'{input}' has {array.Shape[1]} channels, the model takes {channels}; its shape must be [N,{channels},H,W].");
        EnsureFinite(array, input);
        string[] files = Files(output, open.OutputNames);
        OutputRules.Check([new InputPath(path, InputKind.File), new InputPath(input, InputKind.File)],
            [.. files.Select(file => output with { Path = file, Kind = OutputKind.File })]);
        var results = runner.OutputShapes.Select(shape => new float[batch * shape.Count]).ToArray();
        runner.RunAll(array.Values, batch, [.. results.Select(values => values.AsMemory())]);
        for (int i = 0; i < files.Length; i++)
        {
            var shape = runner.OutputShapes[i];
            NpyFile.Write(files[i], Dimensions(batch, shape), results[i]);
            terminal.Note($"{files[i]}: {NumberText.Counted(batch, "row")} of {shape}, by {runner.Backend}");
        }

        return EffnetCommand.Done;
    }

    private static void EnsureFinite(NpyArray array, string path)
    {
        int at = Array.FindIndex(array.Values, value => !float.IsFinite(value));
        if (at < 0) return;
        var place = new int[4];
        for (int dimension = 3, rest = at; dimension >= 0; rest /= array.Shape[dimension--]) place[dimension] =
            rest % array.Shape[dimension];
        throw new InvalidInputException(
            $"'{path}' is expected to hold finite numbers, found {array.Values[at]} at [{string.Join(",", place)}]; check how it was normalised.");
    }

    // A file takes one output; each of several gets one in a folder.
    private static string[] Files(OutputPath output, IReadOnlyList<string> names)
    {
        if (output.IsFile && names.Count > 1) throw new InvalidInputException(
            $"There are {names.Count} outputs, so {output.Option} is expected to be a folder, found '{output.Path}'; name it without {Ending}.");
        if (output.IsFile) return [output.Path];
        OutputFolder.Create(output.Path);
        return [.. names.Select(name => Path.Combine(output.Path, FileName(name)))];
    }

    // Outputs are called as somebody else's file calls them.
    private static string FileName(string name)
    {
        return string.Concat(name.EnumerateRunes().Select(rune => IsFit(rune) ? rune.ToString() : "_")) + Ending;

        static bool IsFit(Rune rune) =>
            !VisibleText.IsHidden(rune) && !(rune.IsBmp && Path.GetInvalidFileNameChars().Contains((char)rune.Value));
    }

    private static ImmutableArray<int> Dimensions(int batch, TensorShape shape) =>
        shape.IsVector ? [batch, shape.Channels] : [batch, shape.Channels, shape.Height, shape.Width];
}
