using System.CommandLine;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Data;
using EfficientNetSharp.Data.Formats;
using EfficientNetSharp.Models;
using EfficientNetSharp.Onnx;
using EfficientNetSharp.Prediction;
using EfficientNetSharp.Running;
using EfficientNetSharp.Training;
using EfficientNetSharp.Training.Distillation;
using EfficientNetSharp.Training.Distributed;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Runs;
using EfficientNetSharp.Training.Tasks;
using EfficientNetSharp.Training.Torch;
using EfficientNetSharp.Training.Transfer;
using EfficientNetSharp.Weights.Importing;

namespace EfficientNetSharp.Cli.Support;

/// <summary>A training as it was asked for: by words, or by an earlier run that is to be repeated.</summary>
/// <param name="Job">What the trainer gets.</param>
/// <param name="Folder">The run's folder.</param>
/// <param name="Data">The data's folder.</param>
/// <param name="Description">What is written down for repeating it.</param>
/// <param name="Teacher">The network to learn from, if any.</param>
internal sealed record TrainingRequest(TrainingJob Job, string Folder, string Data, RunDescription Description, Teacher? Teacher)
    : IDisposable
{
    private const string StandardArchitecture = "efficientnet_b0";

    /// <summary>What the words ask for.</summary>
    /// <param name="parsed">The words.</param>
    /// <param name="o">Those that say what is trained.</param>
    /// <param name="recipes">Those that say how.</param>
    /// <param name="group">The processes that train together.</param>
    public static TrainingRequest Of(ParseResult parsed, TrainOptions o, RecipeOptions recipes, IProcessGroup group)
    {
        if (parsed.GetValue(o.Repeat) is { } run) return Repeat(run, parsed, o, recipes, group);
        string data = parsed.GetValue(o.Data)
            ?? throw new InvalidInputException("'effnet train' expects a folder of images, found none; name one, or a run by --repeat.");
        string? from = parsed.GetValue(o.From), teacher = parsed.GetValue(o.Teacher);
        var (recipe, recipeName) = recipes.Get(parsed, fromWeights: from is not null);
        var start = from is null ? null
            : StartingModel(from, parsed.GetValue(o.Architecture) is { } name ? ArchitectureFile.Get(name) : null);
        var network = start is null ? ArchitectureFile.Get(parsed.GetValue(o.Architecture) ?? StandardArchitecture)
            : NetworkDefinition.Of(start);
        var preprocessing = PreprocessingOf(parsed, o, start?.Card.Preprocessing ?? Preprocessing.ForSize(network.Resolution));
        var origin = new Origin(
            data, parsed.GetValue(o.ValidationFraction), parsed.GetValue(o.Minival) ?? 0, from, teacher, recipeName,
            parsed.GetRequiredValue(o.Device));
        return Make(origin, parsed, o, recipe, network, preprocessing, start, parsed.GetValue(o.Threads), group);
    }

    public void Dispose() => Teacher?.Dispose();

    private static TrainingRequest Repeat(string run, ParseResult parsed, TrainOptions o, RecipeOptions recipes, IProcessGroup group)
    {
        if (parsed.GetValue(o.Data) is not null || recipes.AnyGiven(parsed)
            || o.OfTheRun.Any(option => parsed.GetResult(option) is { Implicit: false }))
            throw new InvalidInputException("--repeat takes data and recipe from the run; leave all out but -o, --workers, --resume and --strict.");
        var folder = new RunFolder(run);
        var before = folder.ReadDescription();
        var recipe = RecipeLibrary.Read(folder.Recipe);
        foreach (var source in new[] { before.From, before.Teacher }.OfType<SourceFile>())
        {
            if (SourceFile.Of(source.Path).Sha256 != source.Sha256)
                throw new InvalidInputException(
                    $"'{source.Path}' is not the file that the run started from; bring that back, or train anew.");
        }

        var origin = new Origin(
            before.Data, before.ValidationFraction, before.Minival, before.From?.Path, before.Teacher?.Path, before.RecipeName,
            before.Device);
        // An ONNX file says its network itself; other files' is the one that the run had.
        var architecture = before.From is null || OnnxModelFile.IsOnnx(before.From.Path) ? null : before.Network.Architecture;
        var start = before.From is null ? null : StartingModel(before.From.Path, architecture);
        var request = Make(origin, parsed, o, recipe, before.Network, before.Card.Preprocessing, start, before.Threads, group);
        if (request.Description.DataFingerprint != before.DataFingerprint)
            throw new InvalidInputException(
                $"The images in '{before.Data}' are not those that the run was trained on; bring them back, or train anew.");
        return request;
    }

    private static TrainingRequest Make(
        Origin origin, ParseResult parsed, TrainOptions o, TrainingRecipe recipe, NetworkDefinition network, Preprocessing preprocessing,
        Model? start, int threads,
        IProcessGroup group)
    {
        var splits = Datasets.OpenForTraining(
            origin.Data, new DatasetOptions
            {
                ValidationFraction = origin.ValidationFraction,
                MinivalFraction = origin.Minival,
                Seed = recipe.Seed,
            });
        TorchRuntime.Prepare();
        // Processes on one machine share its cores.
        int cores = ProcessorShare.Of(group);
        TorchRuntime.Threads = threads > 0 ? threads : group.LocalSize > 1 ? cores : TorchRuntime.DefaultThreads;
        string folder = parsed.GetRequiredValue(o.Output), fingerprint = DatasetFingerprint.Of(splits.Train);
        var from = start is null ? null : ModelOrigin.Of(start, origin.From);
        var teacher = origin.Teacher is null ? null : Teacher.Of(StartingModel(origin.Teacher, architecture: null), origin.Teacher);
        var job = new TrainingJob
        {
            Network = network,
            Task = teacher is null ? new ClassificationTask() : new DistillationTask(teacher),
            Data = splits,
            Preprocessing = preprocessing,
            Recipe = recipe,
            RecipeName = origin.RecipeName,
            Folder = folder,
            StartWeights = start is null ? null : StartModel.WeightsFor(start, splits.Train.Classes, recipe.Seed),
            From = from,
            DataFingerprint = fingerprint,
            Device = origin.Device,
            Resume = parsed.GetValue(o.Resume),
            Workers = parsed.GetValue(o.Workers) ?? cores,
            Group = group,
            Strict = parsed.GetValue(o.Strict),
        };
        return new TrainingRequest(job, folder, origin.Data, new RunDescription
        {
            Data = origin.Data,
            ValidationFraction = origin.ValidationFraction,
            Minival = origin.Minival,
            DataFingerprint = fingerprint,
            Task = job.Task.Summary,
            RecipeName = origin.RecipeName,
            Network = network,
            Card = new ModelCard { Classes = splits.Train.Classes, Preprocessing = preprocessing },
            From = from?.File,
            Teacher = teacher?.Origin?.File,
            Threads = TorchRuntime.Threads,
            Device = origin.Device,
        }, teacher);
    }

    // One of this tool's models, or another's weights, whose network may have to be named.
    private static Model StartingModel(string path, Architecture? architecture)
    {
        var opener = new ModelOpener(Host.Opener.Backends, [new ModelFileReader(), new WeightFileReader { Architecture = architecture }]);
        return opener.ReadForImages(path);
    }

    private static Preprocessing PreprocessingOf(ParseResult parsed, TrainOptions o, Preprocessing standard)
    {
        var changed = parsed.GetValue(o.Resolution) is { } size ? standard.At(size) : standard;
        return parsed.GetValue(o.CropFraction) is { } fraction ? changed.WithCropFraction(fraction) : changed;
    }

    private sealed record Origin(
        string Data, double ValidationFraction, double Minival, string? From, string? Teacher, string? RecipeName, string Device);
}
