using System.CommandLine;
using System.Text.Json.Nodes;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Data;
using EfficientNetSharp.Data.Formats;
using EfficientNetSharp.Data.Inspection;
using EfficientNetSharp.Files;
using EfficientNetSharp.Imaging.Codecs;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet data inspect</c>: what a dataset holds, and what is wrong with it.</summary>
internal static class DataInspectCommand
{
    // A screenful of each list; --json has them all.
    private const int MaxClasses = 20, MaxGroups = 10, MaxBroken = 10, MaxNames = 4;

    // Reading the clock and writing a line for each of a million images would cost more than some of the images.
    private const int ProgressEvery = 25;

    public static Command Create(Terminal terminal)
    {
        var path = new InputArgument<string>("DATA", InputKind.Images)
        {
            Description = "A dataset: a folder of class folders, a published set, shards, or a list.",
        };
        var sheet = new OutputOption("--output", "-o")
        {
            Kind = OutputKind.File,
            Endings = _ => [".png"],
            Description = "A PNG to write with some images of each class.",
        };
        var distance = SharedOptions.Ranged(
            new Option<int>("--near") { Description = "Bits of 64 by which near-duplicates may differ; -1 not to look for them.",
            DefaultValueFactory = _ => new InspectionOptions().NearDistance }, -1, 11);
        var workers = SharedOptions.Workers();
        var json = SharedOptions.Json();
        var command = new Command("inspect", "Counts, sizes, broken images, duplicates and leaks of a dataset.")
        {
            path, sheet, distance, workers, json,
        };
        command.SetAction(parsed => Inspect(
            terminal, parsed.GetRequiredValue(path), sheet.PathIn(parsed),
            new InspectionOptions { NearDistance = parsed.GetValue(distance), Workers = parsed.GetValue(workers) }, parsed.GetValue(json)));
        return command;
    }

    private static int Inspect(Terminal terminal, string path, string? sheet, InspectionOptions options, bool json)
    {
        var dataset = Datasets.Open(path);
        int total = dataset.All.Sum(part => part.Images.Count);
        terminal.Note($"{dataset.Format}: {string.Join(", ", dataset.All.Select(part => $"{part.Images.Count:N0} {part.Name}"))}");
        LeftOutView.Note(terminal, dataset.Warnings);
        var progress = new SynchronousProgress<int>(done =>
        {
            if (done % ProgressEvery != 0) return;
            lock (dataset) terminal.Progress($"{ProgressBar.Of(done, total)} of {total:N0} images");
        });
        var report = DatasetInspector.Inspect(dataset, options, progress, terminal.Interrupted);
        terminal.EndProgress();
        if (sheet is not null) WriteSheet(terminal, dataset.All.First().Images, sheet);
        if (json) Json.Write(terminal, Describe(report, path));
        else Print(terminal, report);
        return EffnetCommand.Done;
    }

    private static void WriteSheet(Terminal terminal, IImageDataset images, string path)
    {
        var (sheet, rows) = ContactSheet.Make(images);
        using (sheet) AtomicFile.Write(path, stream => stream.Write(ImageEncoder.EncodePng(sheet)));
        string classes = rows.Count < images.Classes.Length ? $"the first {NumberText.Counted(rows.Count, "class", "classes")} with images" : "all classes";
        terminal.Note($"Contact sheet: {path}, {classes}");
    }

    private static void Print(Terminal terminal, DatasetReport report)
    {
        PrintParts(terminal, report);
        PrintClasses(terminal, report);
        foreach (var broken in report.Broken.Take(MaxBroken)) terminal.Output.WriteLine($"broken: {Place(broken.Image)}: {broken.Reason}");
        if (report.Broken.Length > MaxBroken) terminal.Output.WriteLine(
            $"… and {NumberText.Counted(report.Broken.Length - MaxBroken, "more broken image")}; --json lists all.");
        PrintGroups(terminal, "leak (equal files in several parts)", report.Duplicates.Where(group => group.IsExact && group.IsLeak));
        PrintGroups(terminal, "leak (near-duplicates in several parts)", report.Duplicates.Where(group => !group.IsExact && group.IsLeak));
        PrintGroups(terminal, "equal files", report.Duplicates.Where(group => group.IsExact && !group.IsLeak));
        PrintGroups(terminal, "near-duplicates", report.Duplicates.Where(group => !group.IsExact && !group.IsLeak));
        terminal.Output.WriteLine(Summary(report));
    }

    private static void PrintParts(Terminal terminal, DatasetReport report)
    {
        var table = new TextTable().Left("part").Right("images")
            .Right("per class")
            .Right("width").Right("height")
                .Right("width/height")
            .Left("formats").Left("channels");
        foreach (var part in report.Parts)
        {
            table.Add(
                part.Name, $"{part.Count:N0}", part.ClassCounts.IsEmpty ? "–"
                : $"{part.ClassCounts.Min():N0} … {part.ClassCounts.Max():N0}", Range(part.Widths, "F0"), Range(part.Heights, "F0"),
                Range(part.Aspects, "F2"), Counts(part.Formats), Counts(part.Channels));
        }

        terminal.Write(table);
    }

    private static void PrintClasses(Terminal terminal, DatasetReport report)
    {
        var table = new TextTable().Left("class");
        foreach (var part in report.Parts) table.Right(part.Name);
        for (int label = 0; label < Math.Min(MaxClasses, report.Classes.Length); label++)
            table.Add([OneLine.Clean(report.Classes[label]),
                .. report.Parts.Select(part => $"{part.ClassCounts[label]:N0}")]);
        terminal.Write(table);
        if (report.Classes.Length > MaxClasses) terminal.Output.WriteLine(
            $"… and {NumberText.Counted(report.Classes.Length - MaxClasses, "more class", "more classes")}; --json lists all.");
    }

    private static void PrintGroups(Terminal terminal, string what, IEnumerable<DuplicateGroup> groups)
    {
        var all = groups.ToList();
        foreach (var group in all.Take(MaxGroups))
        {
            string more = group.Images.Length > MaxNames ? $" and {group.Images.Length - MaxNames} more" : "";
            terminal.Output.WriteLine(
                $"{what}{(group.IsContradiction ? ", of different classes" : "")}: {string.Join(" = ", group.Images.Take(MaxNames).Select(Place))}{more}");
        }

        if (all.Count > MaxGroups) terminal.Output.WriteLine($"… and {NumberText.Counted(all.Count - MaxGroups, "more group")}: {what}; --json lists all.");
    }

    private static string Summary(DatasetReport report)
    {
        int exact = report.Duplicates.Where(group => group.IsExact).Sum(group => group.Images.Length - 1),
            near = report.Duplicates.Count(group => !group.IsExact);
        int leaks = report.Duplicates.Count(group => group.IsLeak),
            contradictions = report.Duplicates.Count(group => group.IsContradiction);
        return $"{report.Broken.Length} broken, {exact} equal to another, {near} groups of near-duplicates, {leaks} groups in several parts, {contradictions} groups of different classes";
    }

    private static string Place(InspectedImage image) => OneLine.Clean($"{image.Part}/{image.Name}", 200);

    private static string Range(Spread spread, string format) =>
        spread.Minimum == spread.Maximum ? spread.Median.ToString(format)
            : $"{spread.Minimum.ToString(format)} … {spread.Median.ToString(format)} … {spread.Maximum.ToString(format)}";

    private static string Counts(IEnumerable<KeyValuePair<string, int>> counts) =>
        string.Join(", ", counts.Select(pair => $"{pair.Key} {pair.Value:N0}"));

    private static JsonObject Describe(DatasetReport report, string path) => new()
    {
        ["path"] = Path.GetFullPath(path),
        ["format"] = report.Format,
        ["warnings"] = new JsonArray([.. report.Warnings.Select(warning => (JsonNode?)warning)]),
        ["leftOut"] = LeftOutView.ToJson(report.LeftOut),
        ["classes"] = new JsonArray([.. report.Classes.Select(name => (JsonNode?)name)]),
        ["parts"] = new JsonArray([.. report.Parts.Select(part => new JsonObject
        {
            ["name"] = part.Name,
            ["images"] = part.Count,
            ["classCounts"] = new JsonArray([.. part.ClassCounts.Select(count => (JsonNode?)count)]),
            ["width"] = Describe(part.Widths),
            ["height"] = Describe(part.Heights),
            ["aspect"] = Describe(part.Aspects),
            ["formats"] = new JsonObject(part.Formats.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))),
            ["channels"] = new JsonObject(part.Channels.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))),
        })]),
        ["broken"] = new JsonArray([.. report.Broken.Select(broken => new JsonObject { ["image"] = Describe(broken.Image), ["reason"] = broken.Reason })]),
        ["duplicates"] = new JsonArray([.. report.Duplicates.Select(group => new JsonObject
        {
            ["exact"] = group.IsExact, ["leak"] = group.IsLeak, ["differentClasses"] = group.IsContradiction,
            ["images"] = new JsonArray([.. group.Images.Select(Describe)]),
        })]),
    };

    private static JsonObject Describe(Spread spread) => new()
    {
        ["minimum"] = spread.Minimum, ["median"] = spread.Median, ["maximum"] = spread.Maximum,
    };

    private static JsonObject Describe(InspectedImage image) => new()
    {
        ["part"] = image.Part, ["name"] = image.Name, ["class"] = image.Class,
    };
}
