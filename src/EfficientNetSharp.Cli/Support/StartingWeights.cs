using EfficientNetSharp.Models;
using EfficientNetSharp.Weights.Downloads;
using EfficientNetSharp.Weights.Importing;

namespace EfficientNetSharp.Cli.Support;

/// <summary>A file of trained weights as a model: one of this tool's, or another's through the importer.</summary>
internal static class StartingWeights
{
    /// <summary>Reads the model.</summary>
    /// <param name="path">The file.</param>
    /// <param name="architecture">Whose weights they are, for files that do not say it; <see langword="null"/> to tell it from the file's name.</param>
    /// <exception cref="InvalidInputException">The file cannot be used, or it says nothing of its network.</exception>
    public static Model Load(string path, string? architecture)
    {
        if (path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase) && ModelFile.IsModel(path)) return ModelFile.Load(path);
        var published = PublishedWeightsTable.OfFile(path);
        return WeightImporter.Import(path, architecture is null ? null : ArchitectureArgument.Get(architecture), new ImportOptions
        {
            AdjustPreprocessing = standard => published?.Preprocessing ?? standard,
            Published = published,
        }).Model;
    }
}
