using System.CommandLine;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Models;
using EfficientNetSharp.Weights.Downloads;
using EfficientNetSharp.Weights.Importing;
using EfficientNetSharp.Weights.NameMaps;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet import</c>: other people's weights as a model file.</summary>
internal static class ImportCommand
{
    public static Command Create(Terminal terminal)
    {
        var file = new InputArgument<string>("FILE")
        {
            Description = "Weights: .pth or .pt, .safetensors, .npz, .h5, a TensorFlow checkpoint (.index, folder or .tar.gz), or .onnx.",
        };
        var architecture = new InputOption("--architecture", InputKind.File, "-a")
        {
            Description =
            "What network they are of: a name ('effnet list' shows all), or a .json file of 'effnet scale'. Told from the file if not given; an .onnx file is checked against it.",
        };
        var source = new Option<string?>("--source")
        {
            Description =
            $"Whose names they have: {string.Join(", ", NameMapRegistry.All.Select(map => map.Name))}; told from the names if not given.",
        };
        var output = Importing.Target("Model file to write.");
        output.Required = true;
        var classes = SharedOptions.Ranged(
            new Option<int?>("--classes") { Description = "Classes the model is to have; the file's if not given, 0 for features without any head. Another number than the file's needs --reset-head." }, 0, SharedOptions.MaxClasses);
        var resetHead = new Option<bool>("--reset-head") { Description = "Draw the classifier anew instead of taking the file's; a head of another kind is left out." };
        var prefix = new Option<string?>("--prefix")
        {
            Description =
            "Which of several networks in the file, by what stands before its tensors' names, such as student or state_dict.net1.",
        };
        var names = new InputOption("--class-names", InputKind.File)
        {
            Description =
            "File of class names in the order of the outputs: a line each, or JSON (a list, or an index to names as Keras has it); "
                + "or the word imagenet for its 1,000 classes, imagenet21k for its 21,843.",
        };
        var channels = SharedOptions.Ranged(
            new Option<int?>("--in-channels") { Description = "Channels of the input; the file's if not given. Kernels are summed for 1 and repeated for others." }, 1, 1024);
        var background = new Option<bool>("--keep-background") { Description = "Keep the first of TensorFlow's 1,001 outputs." };
        var raw = new Option<bool>("--raw") { Description = "Take the weights themselves where a file has moving averages of them too." };
        var preprocessing = new PreprocessingOptions();
        var json = SharedOptions.Json();
        var command = new Command("import", "Make a model of other people's weights.")
        {
            file, architecture, source, prefix, output, classes, resetHead, names, channels, background, raw, json,
        };
        preprocessing.AddTo(command);
        command.SetAction(parsed =>
        {
            string target = output.RequiredPathIn(parsed);
            bool average = !parsed.GetValue(raw);
            var map = parsed.GetValue(source) is { } given ? NameMapRegistry.Get(given, average) : null;
            var network = parsed.GetValue(architecture) is { } name ? ArchitectureFile.Get(name) : null;
            string path = parsed.GetRequiredValue(file);
            // A published file has preprocessing of its own, which its names do not tell.
            var published = PublishedWeightsTable.OfFile(path);
            var options = new ImportOptions
            {
                Source = map,
                PreferAverage = average,
                Prefix = parsed.GetValue(prefix),
                Classes = parsed.GetValue(classes),
                ResetHead = parsed.GetValue(resetHead),
                ClassList = parsed.GetValue(names) is { } list ? ClassListFile.Get(list) : null,
                InputChannels = parsed.GetValue(channels),
                KeepBackground = parsed.GetValue(background),
                AdjustPreprocessing = standard => preprocessing.Apply(published?.Preprocessing ?? standard, parsed),
                ScaleIsGiven = preprocessing.GivesScale(parsed),
                Published = published,
            };
            Importing.Run(terminal, path, network, options, target, parsed.GetValue(json));
            return EffnetCommand.Done;
        });
        return command;
    }
}
