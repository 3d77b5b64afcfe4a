using System.CommandLine;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Models;
using EfficientNetSharp.Onnx;
using EfficientNetSharp.Prediction;
using EfficientNetSharp.Running;
using EfficientNetSharp.Training;
using EfficientNetSharp.Training.Distributed;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Runs;
using EfficientNetSharp.Weights.Importing;

namespace EfficientNetSharp.Cli.Support;

/// <summary>A training as it was asked for: by options, or by an earlier run that is to be repeated.</summary>
/// <param name="Job">What the trainer gets.</param>
/// <param name="Folder">The run's folder.</param>
/// <param name="Data">The data's folder.</param>
/// <param name="Prepared">What it was made of.</param>
internal sealed record TrainingRequest(TrainingJob Job, string Folder, string Data, PreparedTraining Prepared) : IDisposable
{
    private const string StandardArchitecture = "efficientnet_b0";

    /// <summary>What is written down for repeating it.</summary>
    public RunDescription Description => Prepared.Description;

    /// <summary>What the options ask for.</summary>
    /// <param name="parsed">The options as given.</param>
    /// <param name="o">Those that say what is trained.</param>
    /// <param name="recipes">Those that say how.</param>
    /// <param name="group">The processes that train together.</param>
    /// <param name="terminal">Where the first process tells of the files that it starts from.</param>
    public static TrainingRequest Of(ParseResult parsed, TrainOptions o, RecipeOptions recipes, IProcessGroup group, Terminal terminal)
    {
        Action<string> note = group.Rank == 0 ? terminal.Note : _ => { };
        string folder = o.Output.RequiredPathIn(parsed);
        // Known before the data and the network are read, which may take minutes.
        string? resumed = o.ResumedRun(parsed);
        if (resumed is not null) EnsureAlone("--resume RUN", "--workers and --strict", o.Repeat, o.Output);
        if (group.Rank == 0) new RunFolder(folder).EnsureFree(o.Resumes(parsed));
        if (parsed.GetValue(o.Repeat) is not null) EnsureAlone("--repeat", "-o, --workers, --resume and --strict");
        var plan = (resumed ?? parsed.GetValue(o.Repeat)) is { } run
            ? TrainingPlan.OfRun(run, (path, architecture) => ReadStart(path, Recorded(path, architecture), note)) with { Inference = Host.Engine }
            : Given(parsed, o, recipes, terminal, note);
        // A run that is repeated names its data itself.
        OutputRules.Check([new InputPath(plan.Data, InputKind.Images)], new OutputPath(o.Output.Name, folder, o.Output.Kind, []));
        var prepared = plan.Prepare(folder, group, (path, architecture) => Read(path, Recorded(path, architecture), note));
        var job = prepared.Job with
        {
            Resume = o.Resumes(parsed),
            Workers = parsed.GetValue(o.Workers) ?? prepared.Job.Workers,
            Strict = parsed.GetValue(o.Strict),
        };
        return new TrainingRequest(job, folder, plan.Data, prepared);

        // A run that is named says itself what it is of.
        void EnsureAlone(string way, string allowed, params Option[] besides)
        {
            bool isGiven = o.DataIn(parsed) is not null || recipes.AnyGiven(parsed)
                || o.OfTheRun.Concat(besides).Any(option => parsed.GetResult(option) is { Implicit: false });
            if (isGiven) throw new InvalidInputException($"{way} takes data and recipe from the run; leave all out but {allowed}.");
        }
    }

    public void Dispose() => Prepared.Dispose();

    private static TrainingPlan Given(
        ParseResult parsed, TrainOptions o, RecipeOptions recipes, Terminal terminal, Action<string> note)
    {
        string data = o.DataIn(parsed) ?? throw new InvalidInputException(
            "'effnet train' expects a folder of images, found none; name one, or a run by --resume or --repeat.");
        string? from = Located(o.From), teacher = Located(o.Teacher);
        var (name, changes) = ArchitectureOptions.Split(parsed.GetValue(o.Architecture) ?? "");
        var named = name.Length > 0 ? ArchitectureFile.Get(name) : null;
        var start = from is null ? null : ReadStart(from, named, note);
        var (recipe, recipeName) = recipes.Get(parsed, start);
        // Whoever names the share that is to judge wants images of which the model has learned nothing.
        if (recipe.Probe is { } probe && parsed.GetResult(o.ValidationFraction) is { Implicit: false })
            recipe = recipe with { Probe = probe with { Folds = 1 } };
        if (from is null && recipe.Probe is { Only: true })
            throw new InvalidInputException("--probe-only fits a classifier to a trained network's features; name one by --from.");
        bool isEmbedding = recipe.Task == TaskKind.Embedding;
        var network = start is null ? changes.Apply(named ?? ArchitectureFile.Get(StandardArchitecture)) : Changed(NetworkDefinition.Of(start), changes);
        if (isEmbedding && network.EmbeddingFeatures is null)
            network = Changed(network, ArchitectureOptions.Parse(recipe.Embedding.Network));
        return new TrainingPlan
        {
            Data = data,
            ValidationFraction = parsed.GetValue(o.ValidationFraction),
            Minival = parsed.GetValue(o.Minival) ?? 0,
            Network = network,
            Preprocessing = PreprocessingOf(
                parsed, o, isEmbedding ? ForEmbedding(recipe, network, start) : start?.Card.Preprocessing ?? Preprocessing.ForSize(network.Resolution)),
            Recipe = recipe,
            RecipeName = recipeName,
            From = from,
            Start = start,
            Teacher = teacher,
            Pairs = parsed.GetValue(o.Pairs),
            Threads = parsed.GetValue(o.Threads),
            Device = parsed.GetRequiredValue(o.Device),
            Inference = Host.Engine,
        };

        string? Located(InputOption option) =>
            parsed.GetValue(option) is { } given ? ModelLocation.Find(terminal, given, note) : null;
    }

    private static NetworkDefinition Changed(NetworkDefinition network, ArchitectureOptions changes) => network.Architecture is { } table
        ? changes.Apply(table)
        : changes == new ArchitectureOptions() ? network : throw new InvalidInputException(
            $"The network to start from is none that is registered, so that it cannot be given '{changes}'; start from one of 'effnet list'.");

    // Aligned images are seen whole, at the recipe's size; a network that has an embedding already keeps what it was trained with.
    private static Preprocessing ForEmbedding(TrainingRecipe recipe, NetworkDefinition network, Model? start)
    {
        if (start is not null && NetworkDefinition.Of(start).EmbeddingFeatures is not null) return start.Card.Preprocessing;
        int size = recipe.Embedding.Resolution;
        var standard = start?.Card.Preprocessing ?? Preprocessing.ForSize(network.Resolution);
        return size == 0 ? standard : standard.At(size).WithCropFraction(1);
    }

    // One of this tool's models, or another's weights, whose network may have to be named.
    private static Model Read(string path, Architecture? architecture, Action<string> note, bool isStart = false)
    {
        var weights = new WeightFileReader { Architecture = architecture, LeaveOutOtherHeads = isStart };
        return new ModelOpener(Host.Opener.Backends, [new ModelFileReader(), weights])
            .ReadForImages(path, new OpenOptions { OnNote = line => note($"note: {line}") });
    }

    /// <summary>
    /// Reads trained weights to start from. Their classifier stays only for the same classes, so a head of another kind is no loss.
    /// </summary>
    public static Model ReadStart(string path, Architecture? architecture, Action<string> note) =>
        Read(path, architecture, note, isStart: true);

    // An ONNX file says its network itself; what a run had of it may be more than a name can claim.
    private static Architecture? Recorded(string path, Architecture? architecture) => OnnxModelFile.IsOnnx(path) ? null : architecture;

    private static Preprocessing PreprocessingOf(ParseResult parsed, TrainOptions o, Preprocessing standard)
    {
        var changed = parsed.GetValue(o.Resolution) is { } size ? standard.At(size) : standard;
        return parsed.GetValue(o.CropFraction) is { } fraction ? changed.WithCropFraction(fraction) : changed;
    }
}
