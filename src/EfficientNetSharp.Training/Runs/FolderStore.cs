using System.Collections.Immutable;
using EfficientNetSharp.Evaluation.Reports;
using EfficientNetSharp.Files;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Logging;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Tasks;

namespace EfficientNetSharp.Training.Runs;

/// <summary>Keeps a run in a folder: the best as the run's model, other good ones beside it, checkpoint, history and logs.</summary>
/// <param name="folder">The folder.</param>
/// <param name="recipe">The run's recipe.</param>
/// <param name="task">What it is trained for.</param>
/// <param name="device">Where it computes.</param>
/// <param name="description">What is written down for repeating it; <see langword="null"/> for nothing.</param>
/// <param name="resume">Whether to go on with a run that is there.</param>
/// <param name="time">Gives the logs' times.</param>
/// <param name="note">Told what a person may want to know.</param>
internal sealed class FolderStore(
    RunFolder folder, TrainingRecipe recipe, TaskSummary task, string device, RunDescription? description, bool resume, TimeProvider time,
    Action<string>? note)
    : IRunStore
{
    private RunLock? _lock;
    private RunLogs? _logs;

    private RunLogs Logs => _logs ?? throw new InvalidOperationException("The run has not begun.");

    public RunState Begin(RunIdentity identity, Func<Func<IReadOnlyDictionary<string, Memory<float>>, RunState>, RunState> restore)
    {
        folder.Create();
        _lock = RunLock.Take(folder.Path, time, note);
        RunState state;
        if (File.Exists(folder.Checkpoint))
        {
            CheckSame(folder, resume, identity, () => Checkpoints.ReadIdentity(folder.Checkpoint));
            folder.RemoveUnfinished();
            state = restore(vectors => Checkpoints.Load(folder.Checkpoint, vectors));
        }
        else
        {
            folder.WriteFacts(recipe, device, description);
            state = new RunState();
        }

        _logs = new RunLogs(folder.Log, folder.Path, state.LogLengths, task, time);
        return state;
    }

    public void Add(StepRecord step) => Logs.Add(step);

    public void Add(EpochRecord epoch, long step) => Logs.Add(epoch, step);

    public void Keep(ImmutableArray<KeptEpoch> best, int epoch, Func<Model> model)
    {
        if (!best.Any(one => one.Epoch == epoch)) return;
        var made = model();
        if (best[0].Epoch == epoch) ModelFile.Save(made, folder.Model);
        if (recipe.KeepBest == 1) return;
        OutputFolder.Create(folder.BestModels);
        ModelFile.Save(made, folder.BestModel(epoch));
    }

    public void SaveCheckpoint(RunState state, RunIdentity identity, Func<IEnumerable<KeyValuePair<string, ReadOnlyMemory<float>>>> vectors)
    {
        _lock?.EnsureHeld();
        // Logs first: a checkpoint must not know of lines that a power cut can take.
        var lengths = Logs.Flush();
        Checkpoints.Save(folder.Checkpoint, state with { LogLengths = lengths }, identity, vectors());
    }

    public void EndEpoch(RunState state)
    {
        RemoveOthers(state.Best);
        folder.WriteHistory(state.History, task);
    }

    public Model LoadBest() => ModelFile.Load(folder.Model);

    public void ReplaceBest(Model model) => ModelFile.Save(model, folder.Model);

    public void Dispose()
    {
        _logs?.Dispose();
        _lock?.Dispose();
    }

    /// <summary>Refuses a folder that holds a run, unless it is to go on and is the same.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="resume">Whether to go on.</param>
    /// <param name="wanted">The run that is asked for.</param>
    /// <param name="found">Reads the one that is there.</param>
    public static void CheckSame(RunFolder folder, bool resume, RunIdentity wanted, Func<RunIdentity> found)
    {
        // Another process may have begun one since the run was asked for.
        folder.EnsureNew(resume);
        if (wanted.DifferenceFrom(found()) is { } difference)
            throw new InvalidInputException(
                $"The run in '{folder.Path}' cannot go on: {difference}. Give the same data and options, or name another folder with -o.");
    }

    private void RemoveOthers(ImmutableArray<KeptEpoch> best)
    {
        if (!Directory.Exists(folder.BestModels)) return;
        var wanted = best.Select(one => Path.GetFullPath(folder.BestModel(one.Epoch))).ToHashSet(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(folder.BestModels, RunFolder.BestModelFiles))
        {
            if (!wanted.Contains(Path.GetFullPath(file))) File.Delete(file);
        }
    }
}
