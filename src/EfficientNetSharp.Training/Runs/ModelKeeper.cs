using System.Collections.Immutable;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Training.Runs;

/// <summary>Keeps the models of a run's best epochs: the best as the run's model, the others beside it.</summary>
/// <param name="folder">The run's folder.</param>
/// <param name="count">How many are kept.</param>
internal sealed class ModelKeeper(RunFolder folder, int count)
{
    /// <summary>The kept epochs with another one judged: better ones first, an earlier one before an equal later one.</summary>
    public ImmutableArray<KeptEpoch> Judge(ImmutableArray<KeptEpoch> kept, int epoch, ClassificationResult result)
    {
        var candidate = new KeptEpoch(epoch, result.Top1, result.Loss ?? double.PositiveInfinity);
        return [.. kept.Add(candidate).OrderByDescending(one => one.Top1).ThenBy(one => one.Loss).ThenBy(one => one.Epoch).Take(count)];
    }

    /// <summary>
    /// Writes an epoch's model where it is kept. Before the checkpoint that knows of it: if the run dies between the two, it repeats
    /// the epoch and writes the same again.
    /// </summary>
    public void Write(ImmutableArray<KeptEpoch> kept, int epoch, Func<Model> model)
    {
        if (!kept.Any(one => one.Epoch == epoch)) return;
        var made = model();
        if (kept[0].Epoch == epoch) ModelFile.Save(made, folder.Model);
        if (count == 1) return;
        Directory.CreateDirectory(folder.BestModels);
        ModelFile.Save(made, folder.BestModel(epoch));
    }

    /// <summary>Removes models that are not among the best any more. After the checkpoint, which must not know of a missing one.</summary>
    public void Prune(ImmutableArray<KeptEpoch> kept)
    {
        if (!Directory.Exists(folder.BestModels)) return;
        var wanted = kept.Select(one => Path.GetFullPath(folder.BestModel(one.Epoch))).ToHashSet(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(folder.BestModels, "epoch-*.safetensors").Where(file => !wanted.Contains(Path.GetFullPath(file)))) File.Delete(file);
    }
}
