using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json.Nodes;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Cli.Support.Studies;
using EfficientNetSharp.Costs.Devices;
using EfficientNetSharp.Data;
using EfficientNetSharp.Data.Formats;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Randomness;
using EfficientNetSharp.Studies;
using EfficientNetSharp.Studies.Running;
using EfficientNetSharp.Studies.Search;
using EfficientNetSharp.Studies.Strategies;
using EfficientNetSharp.Studies.Trials;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet study imagenet</c>: all studies at the paper's size, or what they would cost.</summary>
internal static class ImageNetStudyCommand
{
    // Russakovsky et al. 2015; of the training images the paper holds 25,022 out to choose the epoch by (tensorflow/tpu: 20 of 1,024
    // shards).
    private const int Classes = 1000, TrainImages = 1_281_167, Minival = 25_022, TestImages = 50_000;

    // Tan et al. 2019 judge a network of the search after 5 epochs.
    private const int SearchEpochs = 5, SearchTrials = 1000;

    private const string Recipe = "imagenet_tpu";

    // The paper's Figure 3 goes to some twenty times the baseline's multiply-adds.
    private static readonly double[] Figure3Factors = [2, 4, 8, 16];

    // Whose predicted times make networks equal: measured ones would make another study on each machine.
    private const string LatencyDevice = "cpu";

    /// <summary>Those of the paper, and the strategies that came after it.</summary>
    internal static readonly StudyKind[] Kinds = [.. Enum.GetValues<StudyKind>().Where(kind => kind != StudyKind.Replace)];

    public static Command Create(Terminal terminal)
    {
        var data = new InputArgument<string?>("DATA", InputKind.Images)
        {
            Arity = ArgumentArity.ZeroOrOne, Description = "ImageNet, as 'effnet train' takes it; needless with --dry-run.",
        };
        var output = new OutputOption("--output", "-o")
        {
            Kind = OutputKind.OwnFolder,
            Description = "Folder for a folder of each study.",
            Standard = Path.Combine("runs", "study-imagenet"),
        };
        var dryRun = new Option<bool>("--dry-run") { Description = "Show how long each study would take on machines like this one." };
        var processes = SharedOptions.Ranged(
            new Option<int>("--processes") { Description = "Processes to divide the time by.", DefaultValueFactory = _ => 1 }, 1, 1_000_000);
        var device = new Option<string>("--device")
        {
            Description = "Where to compute: cpu, cuda, or cuda:1 for the second card.", DefaultValueFactory = _ => "cpu",
        };
        var json = SharedOptions.Json();
        var command = new Command("imagenet", "Do all studies at the paper's size, or show what they cost (--dry-run).")
        {
            data, output, dryRun, processes, device, json,
        };
        command.SetAction(parsed =>
        {
            string? folder = parsed.GetValue(data);
            if (parsed.GetValue(dryRun))
                return DryRun(terminal, parsed.GetRequiredValue(device), parsed.GetValue(processes), parsed.GetValue(json));
            if (folder is null)
                throw new InvalidInputException("'effnet study imagenet' expects ImageNet's folder, or --dry-run to see what it costs; found neither.");
            return Run(terminal, folder, output.RequiredPathIn(parsed), parsed.GetRequiredValue(device));
        });
        return command;
    }

    private static int DryRun(Terminal terminal, string device, int processes, bool json)
    {
        var data = new StudyData(Noise(), new StudyDataInfo("ImageNet", "", Classes, TrainImages - Minival, Minival, TestImages));
        terminal.Progress("timing a few steps …");
        var studies = Kinds.Select(kind => Study.Of(SettingsOf(kind, data.Info, device))).ToList();
        var nothing = new Dictionary<string, TrialResult>();
        var model = StepTimer.Calibrate(studies[0].Trials(nothing).OfType<Trial>(), data, terminal.Interrupted);
        var views = studies.Select(study => new StudyPlanView(study, nothing, model, processes)).ToList();
        terminal.EndProgress();
        if (json)
        {
            Json.Write(terminal, new JsonArray([.. views.Select(view => (JsonNode)view.ToJson())]));
            return EffnetCommand.Done;
        }

        foreach (var view in views) view.WriteTotal(terminal);
        double all = views.Sum(view => view.Seconds);
        terminal.Output.WriteLine(
            $"all: {Durations.Of(all)} on one process" + (processes > 1 ? $", {Durations.Of(all / processes)} on {processes}" : ""));
        return EffnetCommand.Done;
    }

    private static int Run(Terminal terminal, string path, string output, string device)
    {
        var data = new StudyData(Datasets.OpenForTraining(path, new DatasetOptions { MinivalFraction = (double)Minival / TrainImages }), path);
        foreach (var kind in Kinds)
        {
            var study = Study.Of(SettingsOf(kind, data.Info, device));
            var folder = new StudyFolder(Path.Combine(output, kind.ToString().ToLowerInvariant()));
            folder.Begin(study.Settings);
            terminal.Note(study.Title);
            StudyRunner.Run(
                study, data, folder, new StudyRunOptions { Place = WorkerPlace.Of(terminal.Environment) }, new StudyView(terminal),
                terminal.Interrupted);
            terminal.EndProgress();
            foreach (string file in folder.WriteReport(study)) terminal.Note(file);
        }

        return EffnetCommand.Done;
    }

    /// <summary>What a study follows from at the paper's size.</summary>
    internal static StudySettings SettingsOf(StudyKind kind, StudyDataInfo data, string device)
    {
        var recipe = RecipeOptions.Library.Get(Recipe);
        ImmutableArray<Architecture> baselines = [.. Study.PaperBaselines(kind).Select(ArchitectureRegistry.Get)];
        return new StudySettings
        {
            Kind = kind,
            Baselines = baselines,
            Recipe = kind == StudyKind.Search ? recipe with { Epochs = SearchEpochs } : recipe,
            Preprocessing = Preprocessing.ForSize(ArchitectureRegistry.Get("efficientnet_b0").Resolution),
            Data = data,
            Factors = kind == StudyKind.Fig3 ? [.. Figure3Factors] : [],
            Search = new SearchSettings { Trials = SearchTrials, FinalEpochs = kind == StudyKind.Search ? recipe.Epochs / SearchEpochs : 1 },
            Strategies = kind == StudyKind.Strategies
                ? new StrategyPlanner(baselines[0], data.Classes, StrategyWords.PredictedBy(DeviceProfiles.Get(LatencyDevice)))
                    .Plan(StrategySettings.StandardFactor)
                : new StrategySettings(),
            Threads = Environment.ProcessorCount,
            Device = device,
        };
    }

    // Eight images of ImageNet's size to time steps with; what is on them takes no time.
    private static DatasetSplits Noise()
    {
        const int side = 224, count = 8, quality = 90;
        var random = new SeededRandom(0);
        var images = new List<InMemoryImage>();
        for (int i = 0; i < count; i++)
        {
            var rgb = new byte[side * side * 3];
            for (int at = 0; at < rgb.Length; at++) rgb[at] = (byte)random.NextInt(256);
            using var image = Imaging.Image.FromRgb(rgb, side, side);
            images.Add(new InMemoryImage($"{i}.jpg", i, ImageEncoder.EncodeJpeg(image, quality)));
        }

        var few = new InMemoryDataset([.. Enumerable.Range(0, Classes).Select(number => $"{number}")], images);
        return new DatasetSplits(few, few, few, []);
    }
}
