using EfficientNetSharp.Architectures;
using EfficientNetSharp.Costs;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Studies.Trials;

namespace EfficientNetSharp.Studies.Running;

/// <summary>How much there is to compute in a trial.</summary>
/// <param name="Parameters">The network's trainable values.</param>
/// <param name="Macs">Its multiply-adds for one image.</param>
/// <param name="Nodes">Nodes of its graph.</param>
/// <param name="Images">Images that pass through it; those that it is only judged on count a third, as no gradients are computed.</param>
/// <param name="Steps">Batches that pass through it, counted alike.</param>
public sealed record TrialSize(long Parameters, long Macs, int Nodes, double Images, double Steps)
{
    /// <summary>The size of a trial.</summary>
    /// <param name="trial">The trial.</param>
    /// <param name="data">The images.</param>
    /// <exception cref="InvalidInputException">The network cannot be built.</exception>
    public static TrialSize Of(Trial trial, StudyDataInfo data)
    {
        ArgumentNullException.ThrowIfNull(trial);
        ArgumentNullException.ThrowIfNull(data);
        var graph = GraphOf(trial, data);
        var costs = GraphCosts.Of(graph);
        var recipe = trial.Recipe;
        // Each epoch is judged, and the best one once more.
        double learned = (double)recipe.TotalEpochs * recipe.PassesPerEpoch(data.Train) * data.Train,
            images = learned + ((((recipe.TotalEpochs + 1.0) * data.Validation) + data.Test) / 3);
        if (trial.Embedding is { } embedding)
        {
            // A teacher sees each image that is learned.
            if (embedding.Teacher is { } teacher) images += learned * Of(teacher, data).Macs / costs.Macs / 3;
            images += embedding.Precision.PassesOf(graph) / 3;
        }

        return new TrialSize(costs.Parameters, costs.Macs, graph.Nodes.Length, images, images / recipe.BatchSize);
    }

    /// <summary>The network of a trial.</summary>
    internal static Graph GraphOf(Trial trial, StudyDataInfo data) => trial.Architecture.Build(new BuildOptions
    {
        InputChannels = trial.Preprocessing.Mean.Length, Height = trial.Preprocessing.Height, Width = trial.Preprocessing.Width,
        Classes = trial.Embedding is null ? data.Classes : 0,
    });

    /// <summary>The size of a trial that is done.</summary>
    internal static TrialSize Of(TrialResult result) => new(result.Parameters, result.Macs, result.Nodes, result.Images, result.Steps);
}
