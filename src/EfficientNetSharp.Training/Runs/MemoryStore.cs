using System.Collections.Immutable;
using EfficientNetSharp.Evaluation.Reports;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Logging;

namespace EfficientNetSharp.Training.Runs;

/// <summary>Keeps the best model in memory and nothing else.</summary>
internal sealed class MemoryStore : IRunStore
{
    private Model? _best;

    public RunState Begin(RunIdentity identity, Func<Func<IReadOnlyDictionary<string, Memory<float>>, RunState>, RunState> restore) =>
        new();

    public void Add(StepRecord step)
    {
    }

    public void Add(EpochRecord epoch, long step)
    {
    }

    public void Keep(ImmutableArray<KeptEpoch> best, int epoch, Func<Model> model)
    {
        if (best[0].Epoch == epoch) _best = model();
    }

    public void SaveCheckpoint(RunState state, RunIdentity identity, Func<IEnumerable<KeyValuePair<string, ReadOnlyMemory<float>>>> vectors)
    {
    }

    public void EndEpoch(RunState state)
    {
    }

    public Model? LoadBest() => _best;

    public void ReplaceBest(Model model) => _best = model;

    public void Dispose()
    {
    }
}
