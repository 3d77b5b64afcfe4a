using System.CommandLine;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Data;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Imaging;
using EfficientNetSharp.Imaging.Augmentations;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Torch;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet train</c>: from a folder of labelled pictures to a model.</summary>
internal static class TrainCommand
{
    private static readonly TrainingRecipe Standard = new();

    public static Command Create(Terminal terminal)
    {
        var o = new Words();
        var command = new Command("train", "Train a network on a folder of labelled pictures.");
        command.Add(o.Data);
        foreach (var option in o.All) command.Add(option);
        command.SetAction(words =>
        {
            string data = words.GetRequiredValue(o.Data);
            var recipe = RecipeOf(words, o);
            int? threads = words.GetValue(o.Threads);
            var architecture = ArchitectureArgument.Get(words.GetRequiredValue(o.Architecture));
            var splits = Datasets.Open(data, new DatasetOptions { ValidationFraction = words.GetValue(o.ValidationFraction), Seed = recipe.Seed });
            var job = new TrainingJob
            {
                Architecture = architecture,
                Data = splits,
                Preprocessing = Preprocessing.ForSize(words.GetValue(o.Resolution) ?? architecture.Resolution, words.GetValue(o.CropFraction)),
                Recipe = recipe,
                Folder = words.GetRequiredValue(o.Output),
                Resume = words.GetValue(o.Resume),
                Workers = words.GetValue(o.Workers),
                Strict = words.GetValue(o.Strict),
            };
            Run(terminal, job, data, threads is > 0 ? threads : null);
            return EffnetCommand.Done;
        });
        return command;
    }

    /// <summary>Trains, reports, and says where things are.</summary>
    public static (TrainingOutcome Outcome, ClassificationResult Result) Run(Terminal terminal, TrainingJob job, string dataName, int? threads)
    {
        var (train, validation) = (job.Data.Train, job.Data.Validation);
        terminal.Note($"{job.Data.Format}: {train.Count} pictures of {train.Classes.Length} classes to train on, {validation.Count} to validate; {job.Architecture.Name} at {job.Preprocessing.Height} pixels");
        foreach (string warning in job.Data.Warnings) terminal.Note($"note: {warning}");
        TorchRuntime.Prepare();
        if (threads is { } count) TorchRuntime.Threads = count;

        TrainingOutcome outcome;
        try
        {
            outcome = Trainer.Run(job, new TrainingView(terminal), terminal.Interrupted);
        }
        catch (OperationCanceledException)
        {
            terminal.Note($"Stopped; '{new RunFolder(job.Folder).Checkpoint}' holds all. The same command with --resume goes on.");
            throw;
        }

        foreach (var broken in outcome.BrokenPictures.Take(5)) terminal.Note($"note: left out {broken.Reason}");
        if (outcome.BrokenPictures.Length > 5) terminal.Note($"note: left out {outcome.BrokenPictures.Length} pictures in all");
        var result = Report(terminal, job, dataName, outcome);
        return (outcome, result);
    }

    private static ClassificationResult Report(Terminal terminal, TrainingJob job, string dataName, TrainingOutcome outcome)
    {
        var folder = new RunFolder(job.Folder);
        var open = new OpenModel(outcome.Model.Card, outcome.Model, outcome.ModelPath);
        using var runner = open.CreateRunner(OpenModel.Engine);
        // The best epoch was chosen on the validation part; where there are pictures that had no say in it, they judge.
        var (data, part) = job.Data.Test is { } test ? (test, "test") : (job.Data.Validation, "validation");
        var result = DatasetEvaluator.Run(
            runner, new EvaluationTransform(open.Card.Preprocessing), data, new EvaluationOptions { Workers = job.Workers },
            cancellationToken: terminal.Interrupted);
        Reports.Write(
            folder.Report, result, data, $"the {part} part of {dataName}", open, runner.Backend, outcome.History,
            $"effnet train {dataName} -o {job.Folder}");
        terminal.Note("");
        terminal.Output.WriteLine($"model:   {folder.Model}  (epoch {outcome.BestEpoch} of {job.Recipe.Epochs})");
        terminal.Output.WriteLine($"report:  {folder.Report}");
        terminal.Output.WriteLine($"top-1:   {100 * result.Top1:F2} % of {result.Count} {part} pictures, measured with the engine");
        return result;
    }

    private static TrainingRecipe RecipeOf(ParseResult words, Words o)
    {
        double jitter = words.GetValue(o.ColorJitter);
        var recipe = new TrainingRecipe
        {
            Epochs = words.GetValue(o.Epochs),
            BatchSize = words.GetValue(o.BatchSize),
            Optimizer = Enum.Parse<OptimizerKind>(words.GetRequiredValue(o.Optimizer), ignoreCase: true),
            LearningRate = words.GetValue(o.LearningRate),
            WeightDecay = words.GetValue(o.WeightDecay),
            WarmUpEpochs = words.GetValue(o.WarmUpEpochs),
            LabelSmoothing = words.GetValue(o.LabelSmoothing),
            EmaDecay = words.GetValue(o.EmaDecay),
            Dropout = words.GetValue(o.Dropout),
            StochasticDepth = words.GetValue(o.StochasticDepth),
            Seed = words.GetValue(o.Seed),
            Augmentation = new AugmentationOptions
            {
                MinScale = words.GetValue(o.MinScale),
                FlipProbability = words.GetValue(o.NoFlip) ? 0 : 0.5,
                Brightness = jitter,
                Contrast = jitter,
                Saturation = jitter,
            },
        };
        recipe.Check();
        return recipe;
    }

    /// <summary>The words that the verb takes.</summary>
    private sealed class Words
    {
        public Argument<string> Data { get; } = new("DATA") { Description = "A folder with train/ and val/, each with one folder of pictures a class; or the class folders themselves." };

        public Option<string> Output { get; } = new("--output", "-o") { Description = "The run's folder: model, checkpoint, history, report.", DefaultValueFactory = _ => Path.Combine("runs", "train") };

        public Option<string> Architecture { get; } = new("--architecture", "-a") { Description = ArchitectureArgument.Description + ".", DefaultValueFactory = _ => "efficientnet_b0" };

        public Option<int?> Resolution { get; } = SharedOptions.Resolution();

        public Option<double> CropFraction { get; } = Number("--crop-fraction", "Share of the resized picture that evaluation looks at.", 0.875, 0.01, 1);

        public Option<int> Epochs { get; } = Count("--epochs", "Passes over the training pictures.", Standard.Epochs, 1, 1_000_000);

        public Option<int> BatchSize { get; } = Count("--batch-size", "Pictures of a step.", Standard.BatchSize, 2, 65_536);

        public Option<string> Optimizer { get; } = OptimizerOption();

        public Option<double?> LearningRate { get; } = SharedOptions.Ranged(new Option<double?>("--learning-rate") { Description = "Peak learning rate; the optimizer's own, grown with the batch, if not given." }, 1e-12, 1000);

        public Option<double?> WeightDecay { get; } = SharedOptions.Ranged(new Option<double?>("--weight-decay") { Description = "Decay of kernels; the optimizer's own if not given." }, 0, 1000);

        public Option<double> WarmUpEpochs { get; } = Number("--warm-up-epochs", "Epochs of linear warm-up, at most a fifth of the run.", Standard.WarmUpEpochs, 0, 1_000_000);

        public Option<double> LabelSmoothing { get; } = Number("--label-smoothing", "Share of the target spread over all classes.", Standard.LabelSmoothing, 0, 0.999);

        public Option<double> EmaDecay { get; } = Number("--ema-decay", "Memory of the averaged weights; 0 turns averaging off.", Standard.EmaDecay, 0, 0.9999999);

        public Option<double?> Dropout { get; } = SharedOptions.Ranged(new Option<double?>("--dropout") { Description = "Dropout before the classifier; the network's own if not given." }, 0, 0.999);

        public Option<double> StochasticDepth { get; } = Number("--stochastic-depth", "Rate at the last block; the paper's is 0.2.", Standard.StochasticDepth!.Value, 0, 0.999);

        public Option<double> MinScale { get; } = Number("--min-crop-scale", "Least share of a picture's area that a training crop covers; ImageNet's is 0.08.", Standard.Augmentation.MinScale, 0.001, 1);

        public Option<bool> NoFlip { get; } = new("--no-flip") { Description = "Do not mirror pictures: for digits, text, signs." };

        public Option<double> ColorJitter { get; } = Number("--color-jitter", "Strength of random brightness, contrast and saturation.", 0, 0, 1);

        public Option<double> ValidationFraction { get; } = Number("--validation-fraction", "Share of each class set aside where there is no val/.", 0.2, 0.001, 0.9);

        public Option<ulong> Seed { get; } = new("--seed") { Description = "Names the run: equal seeds give equal weights.", DefaultValueFactory = _ => 0 };

        public Option<int> Threads { get; } = SharedOptions.Threads();

        public Option<int?> Workers { get; } = SharedOptions.Workers();

        public Option<bool> Resume { get; } = new("--resume") { Description = "Go on with the run in the folder; it ends as if it had never stopped." };

        public Option<bool> Strict { get; } = new("--strict") { Description = "Fail at the first picture that cannot be read, instead of leaving it out." };

        public IEnumerable<Option> All =>
        [
            Output, Architecture, Resolution, CropFraction, Epochs, BatchSize, Optimizer, LearningRate, WeightDecay, WarmUpEpochs, LabelSmoothing,
            EmaDecay, Dropout, StochasticDepth, MinScale, NoFlip, ColorJitter, ValidationFraction, Seed, Threads, Workers, Resume, Strict,
        ];

        private static Option<double> Number(string name, string description, double standard, double minimum, double maximum) =>
            SharedOptions.Ranged(new Option<double>(name) { Description = description, DefaultValueFactory = _ => standard }, minimum, maximum);

        private static Option<int> Count(string name, string description, int standard, int minimum, int maximum) =>
            SharedOptions.Ranged(new Option<int>(name) { Description = description, DefaultValueFactory = _ => standard }, minimum, maximum);

        private static Option<string> OptimizerOption()
        {
            var option = new Option<string>("--optimizer") { Description = "The optimizer.", DefaultValueFactory = _ => "adamw" };
            option.AcceptOnlyFromAmong("adamw", "sgdnesterov");
            return option;
        }
    }
}
