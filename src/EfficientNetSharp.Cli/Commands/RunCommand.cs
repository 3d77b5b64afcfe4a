using System.CommandLine;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Cli.Support;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet run</c>: raw tensors in and out, for comparison with other tools.</summary>
internal static class RunCommand
{
    public static Command Create(Terminal terminal)
    {
        var model = SharedOptions.Model();
        var input = new Option<string>("--input") { Description = "NumPy file with normalised pictures, float32 [N,C,H,W].", Required = true };
        var output = new Option<string>("--output") { Description = "NumPy file to write: the network's outputs [N,…].", Required = true };
        var backend = SharedOptions.Backend();
        var threads = SharedOptions.Threads();
        var command = new Command("run", "Run raw tensors through a model.") { model, input, output, backend, threads };
        command.SetAction(words => Run(
            terminal, words.GetRequiredValue(model), words.GetRequiredValue(input), words.GetRequiredValue(output),
            words.GetRequiredValue(backend), words.GetValue(threads)));
        return command;
    }

    private static int Run(Terminal terminal, string path, string input, string output, string backend, int threads)
    {
        var open = OpenModel.Load(path);
        var array = NpyFile.Read(input);
        if (array.Shape.Length != 4 || array.Shape.Any(length => length == 0))
            throw new InvalidInputException($"'{input}' has shape [{string.Join(",", array.Shape)}], expected [N,{open.Card.InputChannels},H,W] with at least one picture.");
        if (array.Shape[1] != open.Card.InputChannels)
            throw new InvalidInputException($"'{input}' has {array.Shape[1]} channels, the model takes {open.Card.InputChannels}; its shape must be [N,{open.Card.InputChannels},H,W].");

        using var runner = open.CreateRunner(backend, threads, array.Shape[2], array.Shape[3]);
        var result = new float[array.Shape[0] * runner.OutputShape.Count];
        runner.Run(array.Values, array.Shape[0], result);
        NpyFile.Write(output, runner.OutputShape.IsVector
            ? [array.Shape[0], runner.OutputShape.Channels]
            : [array.Shape[0], runner.OutputShape.Channels, runner.OutputShape.Height, runner.OutputShape.Width], result);
        terminal.Note($"{output}: {array.Shape[0]} rows of {runner.OutputShape}, by {runner.Backend}");
        return EffnetCommand.Done;
    }
}
