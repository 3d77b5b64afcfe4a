using System.Collections.Immutable;
using System.Globalization;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Tasks;

namespace EfficientNetSharp.Training;

/// <summary>The card of a run's models: classes, preprocessing, and where the weights come from.</summary>
/// <param name="job">The run.</param>
/// <param name="dataFingerprint">Names the training images.</param>
internal sealed class TrainedCard(TrainingJob job, string dataFingerprint)
{
    /// <summary>The card without what differs from epoch to epoch.</summary>
    public ModelCard Plain { get; } = new()
    {
        Classes = job.Task.ClassesOf(job.Data),
        Preprocessing = job.Preprocessing,
    };

    /// <summary>The card of an epoch's model.</summary>
    /// <param name="epoch">The epoch, from 1.</param>
    /// <param name="result">How good it is.</param>
    public ModelCard Of(int epoch, ValidationResult result) => Plain with { Provenance = Provenance(epoch, result) };

    private ImmutableSortedDictionary<string, string> Provenance(int epoch, ValidationResult result)
    {
        var entries = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (job.From is { } from) entries.AddRange(from.Entries(ProvenanceKeys.FromPrefix));
        entries.AddRange(job.Task.Provenance);
        entries.Add(ProvenanceKeys.Task, job.Task.Name);
        if (job.RecipeName is { } name) entries.Add(ProvenanceKeys.RecipeName, name);
        entries.Add(ProvenanceKeys.Recipe, RecipeJson.Serialize(job.Recipe));
        entries.Add(ProvenanceKeys.Seed, job.Recipe.Seed.ToString(CultureInfo.InvariantCulture));
        entries.Add(ProvenanceKeys.Epoch, epoch.ToString(CultureInfo.InvariantCulture));
        entries.Add(ProvenanceKeys.Validation(job.Task.Score.Name), result.Score.ToString("R", CultureInfo.InvariantCulture));
        entries.Add(ProvenanceKeys.DataFingerprint, dataFingerprint);
        entries.Add(ProvenanceKeys.TrainingImages, job.Data.Train.Count.ToString(CultureInfo.InvariantCulture));
        entries.Add(ProvenanceKeys.ValidationImages, job.Data.Validation.Count.ToString(CultureInfo.InvariantCulture));
        entries.Add(ProvenanceKeys.Tool, $"EfficientNetSharp {typeof(TrainedCard).Assembly.GetName().Version?.ToString(3)}");
        return entries.ToImmutable();
    }
}
