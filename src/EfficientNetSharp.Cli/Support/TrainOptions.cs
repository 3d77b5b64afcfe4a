using System.CommandLine;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Cli.Support.Words;
using EfficientNetSharp.Training.Runs;

namespace EfficientNetSharp.Cli.Support;

/// <summary>The words of <c>effnet train</c> that are not the recipe's: what is trained, on what, from what, and where.</summary>
internal sealed class TrainOptions
{
    public TrainOptions() => Output = new OutputOption("--output", "-o")
    {
        Kind = OutputKind.OwnFolder,
        Description = "The run's folder: model, checkpoint, history, report.",
        Standard = Path.Combine("runs", "train"),
        // The run that goes on has its own.
        Instead = ResumedRun,
    };

    public InputArgument<string?> Data { get; } =
        new("DATA", InputKind.Images) { Arity = ArgumentArity.ZeroOrOne,
        Description = "A folder with train/ and val/, each with one folder of images per class; or the class folders themselves." };

    private readonly OutputOption _resume = new("--resume")
    {
        Kind = OutputKind.OwnFolder,
        Arity = ArgumentArity.ZeroOrOne,
        HelpName = "RUN",
        Description = "Go on with a run; it ends as if it had never stopped. RUN is its folder, which says what to train and how. "
            + "Without RUN: the run in the folder of -o, given the same data and options as before.",
    };

    public OutputOption Output { get; }

    public InputOption Architecture { get; } =
        new InputOption("--architecture", InputKind.File, "-a") { Description = SharedOptions.ArchitectureDescription
        + "; efficientnet_b0, or that of --from, if not given." }.WithNetworks();

    public InputOption From { get; } =
        new InputOption("--from", InputKind.File)
        {
            Description =
            "Trained weights to start from: a model of this tool, a file that 'effnet import' reads, the folder of a run, or the name of published weights such as efficientnet_b0. Its classifier is replaced for the data's classes.",
        }.WithWeights();

    public InputOption Teacher { get; } =
        new("--teacher", InputKind.File) { Description = "A trained model to learn from beside the labels: of the same classes, or for an embedding one that yields as many features." };

    public InputOption Pairs { get; } = new("--pairs", InputKind.File)
    {
        Description = "Pairs of images that judge each epoch of an embedding, instead of identities held out: insightface's .bin, LFW's list, or "
            + "a table of two paths and whether they are the same.",
    };

    public Option<int?> Resolution { get; } = SharedOptions.Resolution();

    public Option<double?> CropFraction { get; } = PreprocessingOptions.CropFraction();

    public Option<double> ValidationFraction { get; } =
        SharedOptions.Ranged(
        new Option<double>("--validation-fraction") { Description = "Share of each class set aside where there is no val/.",
        DefaultValueFactory = _ => 0.2 }, 0.001, 0.9);

    public Option<double?> Minival { get; } =
        SharedOptions.Ranged(
        new Option<double?>("--minival") { Description = "Share of the training images set aside to choose the best epoch by, so that val/ only judges." }, 0.001, 0.9);

    public InputOption Repeat { get; } = new("--repeat", InputKind.Folder) { Description = "A run's folder: train the same again, to the same weights." };

    public Option<string> Device { get; } =
        new("--device") { Description = "Where to compute: cpu, cuda, or cuda:1 for the second card.", DefaultValueFactory = _ => "cpu" };

    public Option<int> Threads { get; } = SharedOptions.Threads();

    public Option<int?> Workers { get; } = SharedOptions.Workers();

    /// <summary>Going on, with its folder where that alone says what to train; see <see cref="ResumedRun"/>.</summary>
    public OutputOption Resume => _resume;

    public Option<bool> Strict { get; } =
        new("--strict") { Description = "Fail at the first image that cannot be read, instead of leaving it out." };

    /// <summary>Options that a run to be repeated answers itself.</summary>
    public IEnumerable<Option> OfTheRun =>
        [Architecture, From, Teacher, Pairs, Resolution, CropFraction, ValidationFraction, Minival, Device, Threads];

    /// <summary>Whether a run is to go on.</summary>
    public bool Resumes(ParseResult parsed) => parsed.GetResult(_resume) is { Implicit: false };

    /// <summary>The folder of the run that is to go on by itself; <see langword="null"/> where data and options are given.</summary>
    public string? ResumedRun(ParseResult parsed) => IsDataBehindResume(parsed) ? null : parsed.GetValue(_resume);

    /// <summary>The data's folder.</summary>
    public string? DataIn(ParseResult parsed) => IsDataBehindResume(parsed) ? parsed.GetValue(_resume) : parsed.GetValue(Data);

    // In 'train --resume photos -o runs/photos' the option has no value, and the next word is the data.
    private bool IsDataBehindResume(ParseResult parsed) => parsed.GetValue(_resume) is { } word && parsed.GetValue(Data) is null
        && parsed.GetResult(Output) is { Implicit: false } && !File.Exists(new RunFolder(word).Description);

    public IEnumerable<Option> All => [Output, .. OfTheRun, Repeat, Workers, Resume, Strict];
}
