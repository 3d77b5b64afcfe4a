using System.Collections.Immutable;
using EfficientNetSharp.Evaluation.Reports;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Logging;

namespace EfficientNetSharp.Training.Runs;

/// <summary>Where a run leaves its models, and what it needs to go on.</summary>
internal interface IRunStore : IDisposable
{
    /// <summary>Begins a run, or goes on with one.</summary>
    /// <param name="identity">What must be the same for it to go on.</param>
    /// <param name="restore">Takes the vectors of a checkpoint in, by the function that fills them and gives the state.</param>
    /// <returns>Where the run stands.</returns>
    RunState Begin(RunIdentity identity, Func<Func<IReadOnlyDictionary<string, Memory<float>>, RunState>, RunState> restore);

    /// <summary>Writes a step down.</summary>
    void Add(StepRecord step);

    /// <summary>Writes an epoch down.</summary>
    /// <param name="epoch">The epoch.</param>
    /// <param name="step">Steps of the run that are done.</param>
    void Add(EpochRecord epoch, long step);

    /// <summary>
    /// Keeps an epoch's model if it is one of the best. Before the checkpoint that knows of it: if the run dies between the two, it
    /// repeats the epoch and makes the same again.
    /// </summary>
    /// <param name="best">The best epochs, this one judged.</param>
    /// <param name="epoch">The epoch.</param>
    /// <param name="model">Makes its model.</param>
    void Keep(ImmutableArray<KeptEpoch> best, int epoch, Func<Model> model);

    /// <summary>Keeps all that is needed to go on.</summary>
    void SaveCheckpoint(RunState state, RunIdentity identity, Func<IEnumerable<KeyValuePair<string, ReadOnlyMemory<float>>>> vectors);

    /// <summary>Tidies up after an epoch's checkpoint, which must not know of a missing model.</summary>
    void EndEpoch(RunState state);

    /// <summary>The model of the best epoch; <see langword="null"/> where this store has none.</summary>
    Model? LoadBest();

    /// <summary>Puts another in the place of the best epoch's model.</summary>
    void ReplaceBest(Model model);
}
