using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using EfficientNetSharp.Evaluation.Reports;
using EfficientNetSharp.Files;
using EfficientNetSharp.Training.Logging;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Tasks;

namespace EfficientNetSharp.Training.Runs;

/// <summary>The files of a run.</summary>
/// <param name="path">The run's folder.</param>
public sealed class RunFolder(string path)
{
    // A description has some hundred bytes a class, a history a hundred an epoch.
    private const int MaxTextBytes = 64 << 20;

    /// <summary>The folder.</summary>
    public string Path => path;

    /// <summary>The best model by validation.</summary>
    public string Model => System.IO.Path.Combine(path, "model.safetensors");

    /// <summary>All that is needed to go on.</summary>
    public string Checkpoint => System.IO.Path.Combine(path, "checkpoint.safetensors");

    /// <summary>
    /// The model with a head that was fitted to the network's features, before any fine-tuning; only of training that begins with one.
    /// </summary>
    public string Probe => System.IO.Path.Combine(path, "probe.safetensors");

    /// <summary>What a resumed run needs of its probe.</summary>
    internal string ProbeState => System.IO.Path.Combine(path, "probe-state.safetensors");

    /// <summary>The folder of the training that a fold's images are held out of.</summary>
    /// <param name="fold">The fold, from 0.</param>
    internal RunFolder Fold(int fold) =>
        new(System.IO.Path.Combine(path, string.Create(CultureInfo.InvariantCulture, $"fold-{fold + 1}")));

    /// <summary>The recipe as JSON.</summary>
    public string Recipe => System.IO.Path.Combine(path, "recipe.json");

    /// <summary>One line per epoch.</summary>
    public string History => System.IO.Path.Combine(path, "history.csv");

    /// <summary>One JSON object for each step and each epoch.</summary>
    public string Log => System.IO.Path.Combine(path, "log.jsonl");

    /// <summary>What it ran on: versions, vector instructions, threads.</summary>
    public string Environment => System.IO.Path.Combine(path, "environment.json");

    /// <summary>What it was of: data, network, where its weights came from.</summary>
    public string Description => System.IO.Path.Combine(path, "run.json");

    /// <summary>The report for people.</summary>
    public string Report => System.IO.Path.Combine(path, "report.html");

    /// <summary>The folder of the best epochs' models, where more than one is kept.</summary>
    public string BestModels => System.IO.Path.Combine(path, "best");

    /// <summary>An epoch's model among <see cref="BestModels"/>.</summary>
    /// <param name="epoch">The epoch, from 1.</param>
    public string BestModel(int epoch) =>
        System.IO.Path.Combine(BestModels, string.Create(CultureInfo.InvariantCulture, $"epoch-{epoch:D4}.safetensors"));

    /// <summary>Makes the folder.</summary>
    /// <exception cref="InvalidInputException">It is no place for a folder, or may not be made.</exception>
    /// <exception cref="WriteFailedException">Making it failed, for example because the disk is full.</exception>
    public void Create() => OutputFolder.Create(path);

    /// <summary>Refuses a folder that a run cannot begin or go on in, before any work. Nothing is made or changed.</summary>
    /// <param name="resume">Whether a run that is there is to go on.</param>
    /// <param name="time">The clock; <see cref="TimeProvider.System"/> where <see langword="null"/>.</param>
    /// <exception cref="InvalidInputException">
    /// Another process trains there, it holds a run that is not to go on or files of other making that a run would replace, or it cannot
    /// be written to.
    /// </exception>
    public void EnsureFree(bool resume, TimeProvider? time = null)
    {
        OutputFolder.EnsureWritable(path);
        RunLock.EnsureFree(path, time ?? TimeProvider.System);
        EnsureNew(resume);
        // A run writes its recipe first.
        if (!HoldsRun && !File.Exists(Recipe) && OwnFiles().FirstOrDefault(File.Exists) is { } foreign)
        {
            throw new InvalidInputException(
                $"'{foreign}' is no run's, and training would replace it; name another folder with -o, or move it away.");
        }
    }

    // A run that begins with a probe has that before any checkpoint.
    private bool HoldsRun => File.Exists(Checkpoint) || File.Exists(ProbeState);

    /// <summary>Refuses to begin a run where one is.</summary>
    internal void EnsureNew(bool resume)
    {
        if (!resume && HoldsRun)
            throw new InvalidInputException($"'{path}' holds a run already; go on with it by --resume, or name another folder with -o.");
    }

    /// <summary>Removes a run, and leaves all else that is in the folder.</summary>
    /// <exception cref="InvalidInputException">Another process trains there.</exception>
    /// <exception cref="WriteFailedException">A file cannot be removed.</exception>
    public void Clear()
    {
        if (!Directory.Exists(path)) return;
        using var held = RunLock.Take(path, TimeProvider.System, null);
        try
        {
            // The checkpoint first: without it what is left is no run to go on with.
            var logs = Directory.EnumerateFiles(path, TensorBoardLog.Files);
            foreach (string file in OwnFiles().Prepend(ProbeState).Prepend(Checkpoint).Append(Recipe).Concat(logs)) File.Delete(file);
            RemoveFolds();
            if (!Directory.Exists(BestModels)) return;
            foreach (string file in Directory.EnumerateFiles(BestModels, BestModelFiles)) File.Delete(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new WriteFailedException(path, exception);
        }
    }

    /// <summary>The models of the best epochs, as a pattern.</summary>
    internal const string BestModelFiles = "epoch-*.safetensors";

    // What a run writes beside recipe and checkpoint.
    private IEnumerable<string> OwnFiles() => [Model, Probe, History, Log, Environment, Description, Report];

    /// <summary>Writes what the run is of, so that it can be repeated.</summary>
    public void WriteDescription(RunDescription description)
    {
        ArgumentNullException.ThrowIfNull(description);
        AtomicFile.WriteText(Description, description.ToJson(path));
    }

    /// <summary>Reads what a run was of.</summary>
    /// <exception cref="InvalidInputException">The folder holds no such run.</exception>
    public RunDescription ReadDescription() => File.Exists(Description)
        ? RunDescription.Parse(InputFile.ReadAllText(Description, MaxTextBytes), Description)
        : throw new InvalidInputException(
            $"'{path}' holds no run that can be repeated: '{Description}' is missing; name a folder that 'effnet train' wrote.");

    /// <summary>Writes down what the run is made with.</summary>
    internal void WriteFacts(TrainingRecipe recipe, string device, RunDescription? description)
    {
        AtomicFile.WriteText(Recipe, RecipeJson.Serialize(recipe));
        AtomicFile.WriteText(
            Environment, JsonSerializer.Serialize(RunEnvironment.Current(device), RunJsonContext.Default.RunEnvironment));
        if (description is not null) WriteDescription(description);
    }

    /// <summary>What is wrong where a file of the run cannot be written.</summary>
    /// <param name="exception">How writing failed; all that is read is checked where it is read.</param>
    internal InvalidInputException CannotBeWritten(IOException exception)
    {
        string kept = HoldsRun ? "The checkpoint of before is whole: make room, then go on with --resume." : "Make room, then train again.";
        return new InvalidInputException(
            $"The run's folder '{path}' cannot be written to ({WriteFailedException.ReasonOf(exception)}). {kept}", exception);
    }

    /// <summary>Removes the folders of folds, whose trainings are done with.</summary>
    internal void RemoveFolds()
    {
        for (int fold = 0; Directory.Exists(Fold(fold).Path); fold++) Directory.Delete(Fold(fold).Path, recursive: true);
    }

    /// <summary>Removes files that a process was writing when it was killed; their whole versions have other names.</summary>
    internal void RemoveUnfinished()
    {
        foreach (string file in Directory.EnumerateFiles(path, ".*.tmp")) File.Delete(file);
    }

    /// <summary>The epochs that are done.</summary>
    /// <param name="task">What the run trained for.</param>
    /// <exception cref="InvalidInputException">There is no <see cref="History"/>, or it is damaged or another task's.</exception>
    public ImmutableArray<EpochRecord> ReadHistory(TaskSummary task)
    {
        ArgumentNullException.ThrowIfNull(task);
        string[] lines = File.Exists(History) ? InputFile.ReadAllText(History, MaxTextBytes).TrimEnd('\n').Split('\n') : [];
        if (lines.Length < 2) throw new InvalidInputException($"'{path}' holds no training run with an epoch done; name a run's folder.");
        string header = HistoryHeader(task);
        if (lines[0] != header)
        {
            throw new InvalidInputException(
                $"'{History}' is damaged: its first line is expected to be '{header}', found '{OneLine.Clean(lines[0], 200)}'.");
        }

        return [.. lines.Skip(1).Select(line => ReadRecord(line, task))];
    }

    internal void WriteHistory(ImmutableArray<EpochRecord> history, TaskSummary task)
    {
        var text = new StringBuilder(HistoryHeader(task)).Append('\n');
        foreach (var record in history)
        {
            text.Append(CultureInfo.InvariantCulture, $"{record.Epoch},{record.TrainLoss:R},");
            if (task.TrainMeasure is not null) text.Append(CultureInfo.InvariantCulture, $"{record.TrainMeasure:R},");
            text.Append(CultureInfo.InvariantCulture, $"{record.ValidationLoss:R},{record.ValidationScore:R},{record.LearningRate:R}\n");
        }

        AtomicFile.WriteText(History, text.ToString());
    }

    private EpochRecord ReadRecord(string line, TaskSummary task)
    {
        double?[] values = [.. line.Split(',').Select(Number)];
        double? measure = null;
        if (task.TrainMeasure is not null && values.Length > 2) (measure, values) = (values[2], [.. values[..2], .. values[3..]]);
        return values is [{ } epoch, { } trainLoss, var validationLoss, var score, { } learningRate]
            ? new EpochRecord((int)epoch, trainLoss, validationLoss, score, learningRate, measure)
            : throw new InvalidInputException(
                $"'{History}' is damaged: an epoch is expected as the numbers of its first line, found '{OneLine.Clean(line, 200)}'.");
    }

    private static double? Number(string word) =>
        NumberText.TryParse(word, out double value) ? value : null;

    private static string HistoryHeader(TaskSummary task) =>
        $"epoch,train_loss,{(task.TrainMeasure is { } measure ? $"train_{measure.Name}," : "")}" +
        $"validation_loss,validation_{task.Score.Name},learning_rate";
}

/// <summary>The JSON of a run's folder, made at compile time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(RunEnvironment))]
[JsonSerializable(typeof(RunOwner))]
internal sealed partial class RunJsonContext : JsonSerializerContext;
