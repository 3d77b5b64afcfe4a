using System.CommandLine;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Data;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Imaging.Transforms;
using EfficientNetSharp.Running;
using EfficientNetSharp.Training;
using EfficientNetSharp.Training.Distributed;
using EfficientNetSharp.Training.Probing;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Runs;
using EfficientNetSharp.Training.Tasks;
using EfficientNetSharp.Weights.Downloads;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet train</c>: from a folder of labelled images to a model.</summary>
internal static class TrainCommand
{
    // Below it a network from trained weights is some 20 points better than one from nothing: docs/transfer.md.
    private const int FewImages = 2000;

    public static Command Create(Terminal terminal)
    {
        var o = new TrainOptions();
        var recipes = new RecipeOptions();
        var command = new Command("train", "Train a network on a folder of labelled images.");
        command.Add(o.Data);
        foreach (var option in o.All) command.Add(option);
        recipes.AddTo(command);
        command.SetAction(parsed =>
        {
            using var group = ProcessGroups.Join(Environment.GetEnvironmentVariable);
            try
            {
                using var request = TrainingRequest.Of(parsed, o, recipes, group, terminal);
                var job = request.Job with { Description = request.Description, OnNote = terminal.Note };
                if (group.Rank == 0)
                {
                    NoteFewImages(terminal, job);
                    if (job.Task is EmbeddingTask) RunEmbedding(terminal, job, new RunFolder(request.Folder));
                    else Run(terminal, job, new RunFolder(request.Folder), request.Data, GivenCommand.Of(parsed));
                    WriteNext(terminal, request.Folder, request.Data, job.Task);
                }
                else Trainer.Run(job, cancellationToken: terminal.Interrupted);
            }
            catch (OperationCanceledException) when (group.Rank > 0)
            {
                // The first process says it.
                return terminal.CodeOfInterruption();
            }
            catch (Exception exception) when (group.Size > 1 && exception is not OperationCanceledException)
            {
                Abort(terminal, group, exception);
            }

            return EffnetCommand.Done;
        });
        return command;
    }

    // The others wait for this process in an exchange that it will never reach, so all must end.
    private static void Abort(Terminal terminal, IProcessGroup group, Exception exception)
    {
        // What is wrong is mostly wrong in all processes; the first tells it, and its end is theirs.
        if (group.Rank > 0) Thread.Sleep(TimeSpan.FromSeconds(2));
        terminal.Fail($"process {group.Rank} of {group.Size}: {Failure.LineOf(exception)}");
        group.Abort(Failure.CodeOf(exception));
    }

    private static void NoteFewImages(Terminal terminal, TrainingJob job)
    {
        int count = job.Data.Train.Count;
        if (job.StartWeights is not null || count >= FewImages) return;
        string name = ArchitectureOptions.Split(job.Network.Name).Name;
        string weights = PublishedWeightsTable.TryFind(name).IsEmpty ? "WEIGHTS" : name;
        if (job.Task is EmbeddingTask)
        {
            terminal.Note(
                $"note: {count} images are few to learn an embedding from nothing. From trained weights it tells far more apart, and sooner: " +
                $"add --from {weights}, or --teacher MODEL for a network whose embeddings are good.");
            return;
        }

        terminal.Note(
            $"note: {count} images are few to train a network from nothing. From trained weights it names far more of them rightly, " +
            $"and sooner: add --from {weights}.");
    }

    /// <summary>Trains, reports, and says where things are.</summary>
    /// <param name="terminal">Where it speaks.</param>
    /// <param name="job">What to train.</param>
    /// <param name="folder">The run's folder.</param>
    /// <param name="dataName">The data's folder.</param>
    /// <param name="command">The command that does it again.</param>
    public static (TrainingOutcome Outcome, ClassificationResult Result) Run(
        Terminal terminal, TrainingJob job, RunFolder folder, string dataName, string command)
    {
        var outcome = Train(terminal, job, folder);
        return (outcome, Report(terminal, job, folder, dataName, command, outcome));
    }

    private static void RunEmbedding(Terminal terminal, TrainingJob job, RunFolder folder)
    {
        var outcome = Train(terminal, job, folder);
        LeftOutView.NoteUnreadable(terminal, outcome.BrokenValidationImages, "validation");
        WriteModel(terminal, folder, outcome);
        var score = outcome.Task.Score;
        terminal.Output.WriteLine(
            job.Task is EmbeddingTask { HasPairs: true }
            ? $"{score.Title + ":",-8} {score.Format(outcome.BestScore)} of the pairs that were given"
            : $"{score.Title + ":",-8} {score.Format(outcome.BestScore)} of {NumberText.Counted(job.Data.Validation.Count, "image")} of " +
            $"{NumberText.Counted(job.Data.Validation.Classes.Length, "identity", "identities")} that are {(SharesIdentities(job.Data) ? "partly learned from" : "held out")}");
    }

    private static string HeldOut(ProbeOptions probe, int images) => probe.HeldOutFolds(images) is > 1 and var folds
        ? $"held out in turn in {folds} folds" : $"one in {probe.Folds} held out until it is known what is best";

    private static bool SharesIdentities(DatasetSplits data) => data.Train.Classes.Intersect(data.Validation.Classes, StringComparer.Ordinal).Any();

    private static TrainingOutcome Train(Terminal terminal, TrainingJob job, RunFolder folder)
    {
        var (train, validation) = (job.Data.Train, job.Data.Validation);
        bool isFolded = job.IsFolded;
        string classes = NumberText.Counted(train.Classes.Length, "class", "classes");
        string images = job.Task is EmbeddingTask
            ? $"{NumberText.Counted(train.Count, "image")} of {NumberText.Counted(train.Classes.Length, "identity", "identities")} to train on, " +
                $"{validation.Count:N0} of {NumberText.Counted(validation.Classes.Length, "identity", "identities")} to validate"
            : isFolded && job.Data.Undivided!.Count is var all
            ? $"{NumberText.Counted(all, "image")} of {classes}, {HeldOut(job.Recipe.Probe!, all)}"
            : $"{NumberText.Counted(train.Count, "image")} of {classes} to train on, {validation.Count:N0} to validate";
        terminal.Note($"{job.Data.Format}: {images}; {job.Network.Name} at {job.Preprocessing.Height} pixels");
        LeftOutView.Note(terminal, job.Data.Warnings);
        TrainingOutcome outcome;
        try
        {
            outcome = Trainer.Run(job, new TrainingView(terminal), terminal.Interrupted);
        }
        catch (OperationCanceledException)
        {
            string next = job.Description is null
                ? "The same command with --resume" : $"'effnet train --resume {GivenCommand.Quoted(folder.Path)}'";
            terminal.Note($"Stopped; '{folder.Path}' holds all. {next} goes on.");
            throw;
        }

        LeftOutView.NoteUnreadable(terminal, outcome.BrokenImages, "training");
        // Without a test part the report is on them, and tells of them below.
        if (job.Data.Test is not null) LeftOutView.NoteUnreadable(terminal, outcome.BrokenValidationImages, "validation");
        return outcome;
    }

    private static ClassificationResult Report(
        Terminal terminal, TrainingJob job, RunFolder folder, string dataName, string command, TrainingOutcome outcome)
    {
        var model = outcome.Model;
        var reported = new ReportedModel(folder.Model, model.Card, model.Graph, model.Architecture);
        if (outcome.Probe is { } probe) WriteProbe(terminal, folder, probe, outcome.Task);
        if (outcome.Probe is { HeldOut: { } heldOut, HeldOutImages: { } all, Folds: var folds, Images: var learned })
        {
            Reports.Write(
                folder.Report, heldOut, all, $"{dataName}, held out {(folds > 1 ? $"in turn in {folds} folds" : "once")}", reported, Host.Engine.Name, command, outcome);
            WriteFiles(terminal, folder, outcome);
            string by = folds > 1 ? "by cross-validation" : $"of {NumberText.Counted(heldOut.Count, "image")} that were held out";
            terminal.Output.WriteLine($"top-1:   {100 * heldOut.Top1:F2} % {by}; the model has learned from all {learned} images");
            return heldOut;
        }

        using var runner = Host.Engine.Create(model.Graph, model.Weights, new RunnerOptions());
        // The best epoch was chosen on the validation part; where there are images that had no say in it, they judge.
        var (data, part) = job.Data.Test is { } test ? (test, "test") : (job.Data.Validation, "validation");
        var result = DatasetEvaluator.Run(
            runner, new EvaluationTransform(model.Card.Preprocessing), data, new EvaluationOptions { Workers = job.Workers },
            cancellationToken: terminal.Interrupted);
        LeftOutView.NoteUnreadable(terminal, result.Unreadable, part);
        Reports.Write(
            folder.Report, result, data, $"the {part} part of {dataName}", reported, runner.Backend, command, outcome);
        WriteFiles(terminal, folder, outcome);
        terminal.Output.WriteLine($"top-1:   {100 * result.Top1:F2} % of {NumberText.Counted(result.Count, $"{part} image")}, measured with the engine");
        return result;
    }

    // To be typed as it stands.
    private static void WriteNext(Terminal terminal, string folder, string data, TrainingTask task)
    {
        string run = GivenCommand.Quoted(folder), images = Directory.Exists(data) ? GivenCommand.Quoted(data) : "IMAGES";
        string name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)));
        terminal.Note("next:");
        if (task is EmbeddingTask)
        {
            terminal.Note($"  effnet evaluate {run} {GivenCommand.Quoted(data)} --report {GivenCommand.Quoted($"{name}.html")}");
            terminal.Note($"  effnet verify {run} {GivenCommand.Quoted(data)}");
            terminal.Note($"  effnet gallery create {GivenCommand.Quoted($"{name}.gallery")} --model {run}");
        }
        else
        {
            terminal.Note($"  effnet evaluate {run} {GivenCommand.Quoted(data)} --report {GivenCommand.Quoted($"{name}.html")}");
            terminal.Note($"  effnet predict {run} {images}");
        }

        terminal.Note($"  effnet export {run} -o {GivenCommand.Quoted($"{name}.onnx")}");
    }

    private static void WriteProbe(Terminal terminal, RunFolder folder, ProbeOutcome probe, TaskSummary task)
    {
        terminal.Note("");
        terminal.Output.WriteLine($"probe:   {Score(probe.ProbeScore)}{(probe.KeepsProbe ? "  kept" : $"  {folder.Probe}")}");
        if (probe.FineTunedScore is { } tuned)
            terminal.Output.WriteLine($"tuned:   {Score(tuned)}{(probe.KeepsProbe ? "" : "  kept")}{Way(probe.FineTunedShare)}");

        string Way(double share) => share == 1 ? "" : FormattableString.Invariant($", {100 * share:F0} % of the way from the probe");
        string Score(double score) =>
            $"{task.Score.Title} {task.Score.Format(score)} ± {100 * probe.StandardError(score):F1} of the same {probe.Judged} images" +
            (probe.Folds > 1 ? $" in {probe.Folds} folds" : "");
    }

    private static void WriteFiles(Terminal terminal, RunFolder folder, TrainingOutcome outcome)
    {
        WriteModel(terminal, folder, outcome);
        terminal.Output.WriteLine($"report:  {folder.Report}");
    }

    private static void WriteModel(Terminal terminal, RunFolder folder, TrainingOutcome outcome)
    {
        terminal.Note("");
        string of = outcome.BestEpoch == 0 ? "the probe" : $"epoch {outcome.BestEpoch} of {outcome.History[^1].Epoch}";
        terminal.Output.WriteLine($"model:   {folder.Model}  ({of})");
    }
}
