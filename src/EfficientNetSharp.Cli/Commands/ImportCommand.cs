using System.CommandLine;
using System.Text.Json.Nodes;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Costs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Weights.Formats;
using EfficientNetSharp.Weights.Importing;
using EfficientNetSharp.Weights.NameMaps;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet import</c>: other people's weights as a model file.</summary>
internal static class ImportCommand
{
    public static Command Create(Terminal terminal)
    {
        var file = new Argument<string>("FILE") { Description = "Weights: .pth or .pt, .safetensors, .npz, .h5, a TensorFlow checkpoint (.index, folder or .tar.gz), or .onnx." };
        var architecture = new Option<string>("--architecture", "-a") { Description = "What network they are of; 'effnet list' shows all.", Required = true };
        var source = new Option<string?>("--source") { Description = $"Whose names they have: {string.Join(", ", WeightSources.All.Select(map => map.Name))}; told from the names if not given." };
        var output = new Option<string>("--output", "-o") { Description = "Model file to write.", Required = true };
        var classes = SharedOptions.Ranged(new Option<int?>("--classes") { Description = "Classes the model is to have; the file's if not given, 0 for features. Another number than the file's needs --reset-head." }, 0, 10_000_000);
        var resetHead = new Option<bool>("--reset-head") { Description = "Draw the classifier anew instead of taking it over." };
        var names = new Option<string?>("--class-names") { Description = "File of class names in the order of the outputs: a line each, or JSON (a list, or an index to names as Keras has it)." };
        var channels = SharedOptions.Ranged(new Option<int?>("--in-channels") { Description = "Channels of the input; the file's if not given. Kernels are summed for 1 and repeated for others." }, 1, 1024);
        var background = new Option<bool>("--keep-background") { Description = "Keep the first of TensorFlow's 1,001 outputs." };
        var raw = new Option<bool>("--raw") { Description = "Take the weights themselves where a file has moving averages of them too." };
        var preprocessing = new PreprocessingOptions();
        var json = SharedOptions.Json();
        var command = new Command("import", "Make a model of other people's weights.")
        {
            file, architecture, source, output, classes, resetHead, names, channels, background, raw, json,
        };
        preprocessing.AddTo(command);
        command.SetAction(words =>
        {
            string target = words.GetRequiredValue(output);
            if (!target.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase))
                throw new InvalidInputException($"A model file ends in .safetensors, found '{target}'; 'effnet export' writes others.");
            bool average = !words.GetValue(raw);
            var map = words.GetValue(source) is { } given ? WeightSources.Get(given, average) : null;
            var network = ArchitectureRegistry.Get(words.GetRequiredValue(architecture));
            using var weights = WeightFile.Open(words.GetRequiredValue(file), average);
            var options = new ImportOptions
            {
                Source = map,
                PreferAverage = average,
                Classes = words.GetValue(classes),
                ResetHead = words.GetValue(resetHead),
                ClassNames = words.GetValue(names) is { } path ? ClassNameFile.Read(path) : null,
                InputChannels = words.GetValue(channels),
                KeepBackground = words.GetValue(background),
                AdjustPreprocessing = standard => preprocessing.Apply(standard, words),
            };
            var imported = WeightImporter.Import(weights, network, options);
            ModelFile.Save(imported.Model, target);
            if (words.GetValue(json)) WriteJson(terminal, imported, target);
            else WriteLines(terminal, imported, target);
            return EffnetCommand.Done;
        });
        return command;
    }

    private static void WriteLines(Terminal terminal, ImportedModel imported, string target)
    {
        var (model, card) = (imported.Model, imported.Model.Card);
        terminal.Output.WriteLine($"{target}: {model.Architecture.Name} from {imported.Source.Title}, {GraphCosts.Of(model.BuildGraph()).Parameters:N0} parameters, {Outputs(model)}");
        terminal.Output.WriteLine(FormattableString.Invariant(
            $"run with {model.Architecture.Padding} padding and epsilon {model.Architecture.Normalization.Epsilon}; pictures: {Describe(card.Preprocessing)}"));
        foreach (string remark in imported.Remarks) terminal.Output.WriteLine(remark);
    }

    private static string Outputs(Model model) => model.Architecture.Embedding is { } embedding
        ? $"embedding of {embedding.Features}"
        : model.Card.Classes.IsEmpty ? "pooled features" : $"{model.Card.Classes.Length} classes";

    private static string Describe(Preprocessing preprocessing)
    {
        string size = $"{preprocessing.Height}×{preprocessing.Width}";
        string crop = preprocessing.Crop switch
        {
            CropRule.ResizeThenCenterCrop => $"shorter side to {preprocessing.ResizeTo}, centre {size}",
            CropRule.CenterCropThenResize => $"centre {preprocessing.Height}/{preprocessing.ResizeTo} of the shorter side, resized to {size}",
            _ => $"the whole resized to {size}",
        };
        return FormattableString.Invariant(
            $"{crop}, {preprocessing.Interpolation}, mean {string.Join(' ', preprocessing.Mean.Select(Round))}, std {string.Join(' ', preprocessing.StandardDeviation.Select(Round))}");

        static string Round(float value) => value.ToString("0.###", System.Globalization.CultureInfo.InvariantCulture);
    }

    private static void WriteJson(Terminal terminal, ImportedModel imported, string target) => Json.Write(terminal, new JsonObject
    {
        ["path"] = target,
        ["architecture"] = imported.Model.Architecture.Name,
        ["source"] = imported.Source.Name,
        ["parameters"] = GraphCosts.Of(imported.Model.BuildGraph()).Parameters,
        ["classes"] = imported.Model.Card.Classes.Length,
        ["padding"] = imported.Model.Architecture.Padding.ToString(),
        ["epsilon"] = imported.Model.Architecture.Normalization.Epsilon,
        ["preprocessing"] = JsonNode.Parse(ModelJson.Serialize(imported.Model.Card))!["preprocessing"]!.DeepClone(),
        ["remarks"] = new JsonArray([.. imported.Remarks.Select(remark => JsonValue.Create(remark))]),
    });
}
