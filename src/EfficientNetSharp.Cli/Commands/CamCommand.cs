using System.CommandLine;
using System.Text.Json.Nodes;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Cli.Support.Words;
using EfficientNetSharp.Data.Formats;
using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Transforms;
using EfficientNetSharp.Imaging;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Prediction;
using EfficientNetSharp.Prediction.ActivationMaps;
using EfficientNetSharp.Training.Torch;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet cam</c>: where in an image a classifier finds its class, drawn over the image.</summary>
internal static class CamCommand
{
    private const string Cam = "cam", GradCam = "grad-cam", Both = "both", Output = "--output";

    public static Command Create(Terminal terminal)
    {
        var model = SharedOptions.Model();
        var images = SharedOptions.Images();
        var output = new OutputOption(Output, "-o")
        {
            Kind = OutputKind.Folder,
            Description = "Folder to write to; the current one if not given.",
            Standard = ".",
        };
        var wanted = new Option<string?>("--class")
        {
            Description = "The class to look for, by name or index; each image's best if not given.",
        };
        var method = new Option<string?>("--method")
        {
            Description = "cam (class activation map), grad-cam or both. If not given: one where both are equal, as they are at the "
                + "last map up to a factor; both with --layer.",
        };
        method.Among(Cam, GradCam, Both);
        var layer = SharedOptions.Ranged(
            new Option<int?>("--layer") { Description = "Stride of the map that Grad-CAM looks at, for example 16; the last map if not given." }, 1, TensorShape.MaxSide);
        var json = SharedOptions.Json();
        var opening = new OpeningOptions();
        var command = new Command("cam", "Show where in an image a class is found: class activation maps.")
        {
            model, images, output, wanted, method, layer, json,
        };
        opening.AddTo(command);
        command.SetAction(parsed => Run(
            terminal, parsed.GetRequiredValue(model), parsed.GetRequiredValue(images), output.RequiredPathIn(parsed),
            parsed.GetValue(wanted),
            parsed.GetValue(method), parsed.GetValue(layer), parsed.GetValue(json), opening.Get(parsed, terminal)));
        return command;
    }

    private static int Run(
        Terminal terminal, string path, string[] given, string folder, string? wanted, string? method, int? layer, bool json,
        OpenOptions options)
    {
        var images = Datasets.FindImages(given, out var leftOut);
        LeftOutView.Note(terminal, leftOut);
        path = ModelLocation.Find(terminal, path);
        var model = LoadClassifier(path, options);
        int? classIndex = wanted is null ? null : ClassNames.Find(wanted, model.Card);
        using var explainer = new ImageExplainer(model.Card, [.. Mappers(terminal, path, model, method, layer, options)]);
        var names = new OwnNames();
        string[] targets = [.. images.Select(image => Path.Combine(folder, names.Of(image)))];
        OutputRules.Check([.. given.Select(read => new InputPath(read, InputKind.Images))], new OutputPath(Output, folder, OutputKind.Folder, []));
        OutputRules.Check(
            [.. images.Prepend(path).Select(read => new InputPath(read, InputKind.File))],
            [.. targets.SelectMany(target => Files(explainer, target))
                .Select(file => new OutputPath(Output, file, OutputKind.File, [], IsGiven: false))]);
        OutputFolder.Create(folder);
        var entries = new JsonArray();
        int failed = 0;
        foreach (var (image, target) in images.Zip(targets))
        {
            terminal.Interrupted.ThrowIfCancellationRequested();
            JsonObject entry;
            try
            {
                entry = Explain(explainer, image, target, classIndex);
            }
            catch (InvalidInputException e)
            {
                entry = new JsonObject { ["path"] = image, ["error"] = e.Message };
                failed++;
            }

            if (json) entries.Add(entry);
            else WriteLine(terminal, entry);
        }

        if (json)
        {
            LeftOutView.AddTo(entries, leftOut);
            Json.Write(terminal, entries);
        }

        return failed == 0 ? EffnetCommand.Done : EffnetCommand.Failed;
    }

    private static Model LoadClassifier(string path, OpenOptions options)
    {
        var model = Host.Opener.ReadForImages(path, options);
        if (model.Card.Classes.IsEmpty)
            throw new InvalidInputException($"'{path}' has no classifier: there is no class to look for; give a model with classes.");
        return model;
    }

    private static IEnumerable<IActivationMapper> Mappers(Terminal terminal, string path, Model model, string? method, int? layer,
        OpenOptions options)
    {
        bool isFit = ClassifierLayers.HasClassMaps(model.Graph);
        if (!isFit && method is Cam or Both)
            throw new InvalidInputException(
                $"A class activation map needs a classifier straight after the pooling, '{path}' ({model.Name}) has a layer between; use --method {GradCam}.");
        if (method == Cam && layer is not null)
            throw new InvalidInputException(
                $"--layer goes with {GradCam}: a class activation map is of the last map; leave it out or use --method {GradCam}.");
        if (!isFit && method is null) terminal.Note(
            $"Grad-CAM only: {model.Name} has a layer between pooling and classifier, so it has no class activation maps.");
        if (method != GradCam && isFit) yield return new CamMapper(model.Graph, model.Weights, Host.Opener.Backend(options.Backend),
            options.Runner);
        if (method == Cam) yield break;
        bool isWanted = method is not null || !isFit;
        // At another layer Grad-CAM shows something of its own; of the last map it is the class activation map again.
        if (!isWanted && (layer is null || IsLastMap(model.Graph, layer.Value))) yield break;
        yield return new GradCamMapper(model.Graph, model.Weights, layer);
    }

    private static bool IsLastMap(Graph graph, int stride) => graph.Features([stride]).Output.Name == ClassifierLayers.LastMap(graph).Name;

    private static IEnumerable<string> Files(ImageExplainer explainer, string target) =>
        explainer.Mappers.Select(mapper => MapFile(target, mapper)).Append(ComparisonFile(target));

    private static string MapFile(string target, IActivationMapper mapper) => $"{target}.{mapper.Method}.png";

    private static string ComparisonFile(string target) => $"{target}.cam-compare.png";

    private static JsonObject Explain(ImageExplainer explainer, string image, string target, int? classIndex)
    {
        using var found = explainer.Explain(InputFile.ReadAllBytes(image), image, classIndex);
        var entry = new JsonObject
        {
            ["path"] = image,
            ["class"] = found.Prediction.Class,
            ["index"] = found.Prediction.ClassIndex,
            ["probability"] = found.Prediction.Probability,
        };
        var overlays = new List<Image>();
        try
        {
            foreach (var (mapper, map) in explainer.Mappers.Zip(found.Maps))
            {
                var overlay = ActivationOverlay.Draw(found.Seen, map);
                overlays.Add(overlay);
                string file = MapFile(target, mapper);
                Write(file, overlay);
                entry[mapper.Method == GradCam ? "gradCam" : mapper.Method] = new JsonObject
                {
                    ["file"] = file,
                    ["layer"] = mapper.Layer.Name,
                    ["height"] = map.Height,
                    ["width"] = map.Width,
                    ["values"] = new JsonArray([.. map.Values.ToArray().Select(value => JsonValue.Create(value))]),
                };
            }

            using var sheet = ActivationSheet.Draw(found, overlays, explainer.Mappers);
            Write(ComparisonFile(target), sheet);
            entry["compare"] = ComparisonFile(target);
        }
        finally
        {
            foreach (var overlay in overlays) overlay.Dispose();
        }

        return entry;
    }

    private static void Write(string path, Image image)
    {
        byte[] png = ImageEncoder.EncodePng(image);
        AtomicFile.Write(path, stream => stream.Write(png));
    }

    private static void WriteLine(Terminal terminal, JsonObject entry)
    {
        if (entry["error"] is { } error)
        {
            terminal.Fail(error.GetValue<string>());
            return;
        }

        var files = new[] { entry["cam"]?["file"], entry["gradCam"]?["file"], entry["compare"] }.Where(file => file is not null)
            .Select(file => file!.GetValue<string>());
        terminal.Output.WriteLine(
            $"{entry["path"]!.GetValue<string>()}: {100 * entry["probability"]!.GetValue<double>():F2} %  {entry["class"]!.GetValue<string>()}");
        foreach (string file in files) terminal.Output.WriteLine($"  {file}");
    }
}
