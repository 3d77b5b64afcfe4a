using System.CommandLine;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Cli.Support.Predicting;
using EfficientNetSharp.Data;
using EfficientNetSharp.Data.Formats;
using EfficientNetSharp.Files;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Prediction;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet predict</c>: the best classes of images.</summary>
internal static class PredictCommand
{
    private const string StandardInput = "-", Draw = "--draw";

    // What a person sees of one image, and of one image among many.
    private const int BestOfOne = 5, BestOfMany = 1;

    public static Command Create(Terminal terminal)
    {
        var w = new Options();
        var command = new Command("predict", "Name the classes of images.") { w.Model, w.Images };
        foreach (var option in w.All) command.Add(option);
        w.Opening.AddTo(command);
        command.SetAction(parsed => Run(terminal, parsed, w));
        return command;
    }

    private static int Run(Terminal terminal, ParseResult parsed, Options w)
    {
        string[] given = parsed.GetRequiredValue(w.Images);
        bool streams = given.Contains(StandardInput);
        if (given.Count(word => word == StandardInput) > 1) throw new InvalidInputException("- reads standard input, which is there once; found it several times.");
        if (parsed.GetValue(w.Null) && !streams)
            throw new InvalidInputException("--null says how names on standard input end, found none of them; add - to read them.");
        var images = Datasets.FindImages(given.Where(word => word != StandardInput), out var found);
        List<LeftOut> leftOut = [.. found];
        LeftOutView.Note(terminal, found);
        bool inLines = streams || images.Length > 1;
        var form = w.FormOf(parsed);
        bool isShort = form == Form.Csv || (form == Form.Text && inLines);
        int topK = parsed.GetValue(w.TopK) ?? (isShort ? BestOfMany : BestOfOne);
        using var classifier = ImageClassifier.Open(
            Host.Opener, ModelLocation.Find(terminal, parsed.GetRequiredValue(w.Model)), w.Opening.Get(parsed, terminal));
        topK = Math.Min(topK, classifier.Classes.Length);
        PredictionWriter writer = form switch
        {
            Form.Json => new JsonPredictionWriter(terminal),
            Form.JsonLines => new JsonLinesPredictionWriter(terminal),
            Form.Csv => new CsvPredictionWriter(terminal, topK),
            _ => new TextPredictionWriter(terminal, inLines),
        };
        string? folder = w.DrawTo.PathIn(parsed);
        if (folder is not null) OutputFolder.Create(folder);
        var names = new OwnNames();
        int failed = 0, batch = parsed.GetValue(w.Batch);
        foreach (string[] chunk in Chunks())
        {
            // A batch is worth its waiting only where there are more images than one.
            foreach (var result in classifier.ClassifyMany(chunk, Math.Clamp(chunk.Length, 1, batch), topK, terminal.Interrupted))
            {
                if (result.Error is not null) failed++;
                else if (folder is not null) Annotate(result, Path.Combine(folder, names.Of(result.Path) + ".png"));
                writer.Write(result);
            }
        }

        writer.End(leftOut);
        return failed == 0 ? EffnetCommand.Done : EffnetCommand.Failed;

        IEnumerable<string[]> Chunks()
        {
            if (images.Length > 0) yield return [.. images];
            if (!streams) yield break;
            using var input = terminal.Input();
            char end = parsed.GetValue(w.Null) ? '\0' : '\n';
            foreach (string[] come in NameStream.Read(input, end, 4 * batch, terminal.Interrupted))
            {
                // A name of nothing is an image that cannot be read, and the others go on.
                yield return [.. come.SelectMany(name => Directory.Exists(name) ? InFolder(name) : [name])];
            }
        }

        IEnumerable<string> InFolder(string path)
        {
            var all = Datasets.FindImages([path], out var others);
            LeftOutView.Note(terminal, others);
            leftOut.AddRange(others);
            return all;
        }
    }

    private static void Annotate(ImageResult result, string target)
    {
        OutputRules.Check([new InputPath(result.Path, InputKind.File)], new OutputPath(Draw, target, OutputKind.File, [], IsGiven: false));
        using var image = ImageDecoder.Decode(InputFile.ReadAllBytes(result.Path), result.Path);
        using var drawn = AnnotatedImage.Draw(image, result.Predictions[0]);
        byte[] png = ImageEncoder.EncodePng(drawn);
        AtomicFile.Write(target, stream => stream.Write(png));
    }

    private enum Form
    {
        Text,
        Json,
        JsonLines,
        Csv,
    }

    /// <summary>The words that the verb takes.</summary>
    private sealed class Options
    {
        private readonly Option<bool> _json = SharedOptions.Json();

        private readonly Option<bool> _lines = new("--jsonl") { Description = "Print a JSON object in a line for each image, as it is done." };

        private readonly Option<bool> _csv = new("--csv") { Description = "Print comma-separated values, a row for each image, as it is done." };

        public Options() => Images.Description = "Image files or folders of them; - reads their names from standard input, a line each.";

        public InputArgument<string> Model { get; } = SharedOptions.Model();

        public InputArgument<string[]> Images { get; } = SharedOptions.Images();

        public Option<int?> TopK { get; } = SharedOptions.Ranged(
            new Option<int?>("--top-k")
            {
                Description = $"How many classes to name; {BestOfOne} if not given, {BestOfMany} in lines of an image each and with --csv.",
            },
            1, 1_000_000);

        public Option<bool> Null { get; } = new("--null", "-0") { Description = "Names on standard input end in NUL, as 'find -print0' writes them." };

        public OutputOption DrawTo { get; } = new(Draw)
        {
            Kind = OutputKind.Folder, Description = "Folder for the images with their best class and its probability written below, as PNG.",
        };

        public Option<int> Batch { get; } = SharedOptions.BatchSize(16);

        public OpeningOptions Opening { get; } = new();

        public IEnumerable<Option> All => [TopK, _json, _lines, _csv, Null, DrawTo, Batch];

        public Form FormOf(ParseResult parsed)
        {
            (Option<bool> Option, Form Form)[] forms = [(_json, Form.Json), (_lines, Form.JsonLines), (_csv, Form.Csv)];
            var asked = forms.Where(one => parsed.GetValue(one.Option)).ToList();
            return asked.Count > 1
                ? throw new InvalidInputException($"One form of the results is expected, found {string.Join(" and ", asked.Select(one => one.Option.Name))}; leave one out.")
                : asked.Count == 0 ? Form.Text : asked[0].Form;
        }
    }
}
