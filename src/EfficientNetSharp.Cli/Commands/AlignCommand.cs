using System.CommandLine;
using System.Text.Json.Nodes;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Cli.Support.Words;
using EfficientNetSharp.Data.Landmarks;
using EfficientNetSharp.Files;
using EfficientNetSharp.Imaging.Alignment;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet align</c>: faces brought to where networks for faces expect them.</summary>
internal static class AlignCommand
{
    // Enough to see of what kinds they are; --json lists all.
    private const int MaxFailures = 10;

    public static Command Create(Terminal terminal)
    {
        var images = new InputArgument<string>("IMAGES", InputKind.Images)
        {
            Description = "The folder of images, with folders in it or without.",
        };
        var landmarks = new InputArgument<string>("LANDMARKS")
        {
            Description = "The faces' landmarks: a CSV or text of a detector, as docs/verification.md says.",
        };
        var output = new OutputOption("--output", "-o")
        {
            Kind = OutputKind.OwnFolder,
            Description = "Folder to write: the same folders and names, as PNG.",
            Standard = Path.Combine("runs", "aligned"),
        };
        var size = SharedOptions.Ranged(new Option<int>("--size")
        {
            Description = "Side of the aligned images in pixels, a multiple of 112 or 128.",
            DefaultValueFactory = _ => FaceAligner.DefaultSide,
        }, 112, 65_536);
        var faces = Choices.Of<FaceChoice>("--faces", "Which faces of an image that has several; the largest if not given.");
        var sides = Choices.Of<LandmarkSides>("--sides", "Whose left and right the landmarks name; the image's if not given.");
        var workers = SharedOptions.Workers();
        var json = SharedOptions.Json();
        var command = new Command("align", "Align faces to 112 pixels by five landmarks.")
        {
            images, landmarks, output, size, faces, sides, workers, json,
        };
        command.SetAction(parsed =>
        {
            string folder = parsed.GetRequiredValue(images), list = parsed.GetRequiredValue(landmarks),
                target = output.RequiredPathIn(parsed);
            var found = LandmarkList.Read(list, folder);
            var progress = new SynchronousProgress<int>(
                done => terminal.Progress($"{ProgressBar.Of(done, found.Length)} of {found.Length:N0} faces"));
            var outcome = FolderAligner.Run(
                folder, found, target,
                new AlignmentOptions
                {
                    Side = parsed.GetValue(size),
                    Faces = parsed.GetValue(faces) ?? FaceChoice.Largest,
                    Sides = parsed.GetValue(sides) ?? LandmarkSides.Image,
                    Workers = parsed.GetValue(workers),
                },
                progress, terminal.Interrupted);
            terminal.EndProgress();
            if (parsed.GetValue(json)) Json.Write(terminal, ToJson(outcome, target));
            else Print(terminal, outcome, target);
            return outcome.Failures.IsEmpty ? EffnetCommand.Done : EffnetCommand.Failed;
        });
        return command;
    }

    private static void Print(Terminal terminal, AlignmentOutcome outcome, string target)
    {
        terminal.Output.WriteLine($"{target}: {NumberText.Counted(outcome.Written.Length, "aligned face")}");
        if (outcome.SmallerFaces > 0)
            terminal.Note($"note: left out {NumberText.Counted(outcome.SmallerFaces, "face")} smaller than another in the image; --faces all takes them too.");
        if (!outcome.WithoutLandmarks.IsEmpty)
        {
            terminal.Note(
                $"note: {NumberText.Counted(outcome.WithoutLandmarks.Length, "image")} without landmarks, such as {OneLine.Quote(outcome.WithoutLandmarks[0])}.");
        }

        foreach (var failure in outcome.Failures.Take(MaxFailures))
            terminal.Fail($"line {failure.Line}, {OneLine.Quote(failure.Image, 200)}: {failure.Reason}");
        if (outcome.Failures.Length > MaxFailures)
            terminal.Fail($"… and {NumberText.Counted(outcome.Failures.Length - MaxFailures, "more face")} not aligned; --json lists all.");
    }

    private static JsonObject ToJson(AlignmentOutcome outcome, string target) => new()
    {
        ["output"] = target,
        ["written"] = new JsonArray([.. outcome.Written.Select(name => (JsonNode?)name)]),
        ["failures"] = new JsonArray([.. outcome.Failures.Select(failure => new JsonObject
        {
            ["image"] = failure.Image, ["line"] = failure.Line, ["reason"] = failure.Reason,
        })]),
        ["smallerFaces"] = outcome.SmallerFaces,
        ["withoutLandmarks"] = new JsonArray([.. outcome.WithoutLandmarks.Select(name => (JsonNode?)name)]),
    };
}
