using System.CommandLine;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Training.Distributed;

namespace EfficientNetSharp.Cli.Support;

/// <summary>The words of <c>effnet train</c> that are not the recipe's: what is trained, on what, from what, and where.</summary>
internal sealed class TrainOptions
{
    public InputArgument<string?> Data { get; } =
        new("DATA", InputKind.Images) { Arity = ArgumentArity.ZeroOrOne,
        Description = "A folder with train/ and val/, each with one folder of images per class; or the class folders themselves." };

    public OutputOption Output { get; } = new("--output", "-o")
    {
        Kind = OutputKind.OwnFolder,
        Description = "The run's folder: model, checkpoint, history, report.",
        Standard = Path.Combine("runs", "train"),
    };

    public InputOption Architecture { get; } =
        new("--architecture", InputKind.File, "-a") { Description = SharedOptions.ArchitectureDescription
        + "; efficientnet_b0, or that of --from, if not given." };

    public InputOption From { get; } =
        new("--from", InputKind.File)
        {
            Description =
            "Trained weights to start from: a model of this tool, a file that 'effnet import' reads, the folder of a run, or the name of published weights such as efficientnet_b0. Its classifier is replaced for the data's classes.",
        };

    public InputOption Teacher { get; } =
        new("--teacher", InputKind.File) { Description = "A trained model of the same classes to learn from beside the labels." };

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

    public Option<bool> Resume { get; } =
        new("--resume") { Description = "Go on with the run in the folder; it ends as if it had never stopped." };

    public Option<bool> Strict { get; } =
        new("--strict") { Description = "Fail at the first image that cannot be read, instead of leaving it out." };

    /// <summary>Options that a run to be repeated answers itself.</summary>
    public IEnumerable<Option> OfTheRun =>
        [Architecture, From, Teacher, Resolution, CropFraction, ValidationFraction, Minival, Device, Threads];

    public IEnumerable<Option> All => [Output, .. OfTheRun, Repeat, Workers, Resume, Strict];
}
