using System.Collections.Immutable;
using System.Globalization;
using EfficientNetSharp.Data;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Tasks;

namespace EfficientNetSharp.Training;

/// <summary>The card of a run's models: classes, preprocessing, and where the weights come from.</summary>
/// <param name="job">The run.</param>
/// <param name="dataFingerprint">Names the training images.</param>
internal sealed class TrainedCard(TrainingJob job, string dataFingerprint)
{
    private readonly Lazy<string?> _imageHashes = new(() => ImageHashes.Of(job.Data.Train)?.ToString());

    /// <summary>The card without what differs from epoch to epoch.</summary>
    public ModelCard Plain { get; } = new()
    {
        Classes = job.Task.ClassesOf(job.Data),
        Preprocessing = job.Preprocessing,
    };

    /// <summary>The card of an epoch's model.</summary>
    /// <param name="epoch">The epoch, from 1.</param>
    /// <param name="result">How good it is.</param>
    /// <param name="folds">Folds that it was judged by; 0, the default, for a validation part.</param>
    public ModelCard Of(int epoch, ValidationResult result, int folds = 0) =>
        Plain with { Provenance = Provenance(epoch, result, folds) };

    private ImmutableSortedDictionary<string, string> Provenance(int epoch, ValidationResult result, int folds)
    {
        var entries = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (job.From is { } from) entries.AddRange(from.Entries(ProvenanceKeys.FromPrefix));
        entries.AddRange(job.Task.Provenance);
        entries.AddRange(job.Task.ProvenanceOf(job.Context));
        entries.Add(ProvenanceKeys.Task, job.Task.Name);
        if (job.RecipeName is { } name) entries.Add(ProvenanceKeys.RecipeName, name);
        entries.Add(ProvenanceKeys.Recipe, RecipeJson.Serialize(job.Recipe));
        entries.Add(ProvenanceKeys.Seed, job.Recipe.Seed.ToString(CultureInfo.InvariantCulture));
        entries.Add(ProvenanceKeys.Epoch, epoch.ToString(CultureInfo.InvariantCulture));
        string score = job.Task.Score.Name;
        entries.Add(
            folds > 0 ? ProvenanceKeys.CrossValidated(score) : ProvenanceKeys.Validation(score),
            result.Score.ToString("R", CultureInfo.InvariantCulture));
        if (folds > 0) entries.Add(ProvenanceKeys.Folds, folds.ToString(CultureInfo.InvariantCulture));
        entries.Add(ProvenanceKeys.DataFingerprint, dataFingerprint);
        // Models of single folds are steps on the way, and nobody evaluates them.
        if (!job.KeepsLast && _imageHashes.Value is { } hashes) entries.Add(ProvenanceKeys.ImageHashes, hashes);
        entries.Add(ProvenanceKeys.TrainingImages, job.Data.Train.Count.ToString(CultureInfo.InvariantCulture));
        entries.Add(ProvenanceKeys.ValidationImages, job.Data.Validation.Count.ToString(CultureInfo.InvariantCulture));
        entries.Add(ProvenanceKeys.Tool, $"EfficientNetSharp {typeof(TrainedCard).Assembly.GetName().Version?.ToString(3)}");
        return entries.ToImmutable();
    }
}
