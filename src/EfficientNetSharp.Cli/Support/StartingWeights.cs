using EfficientNetSharp.Architectures;
using EfficientNetSharp.Models;
using EfficientNetSharp.Models.Safetensors;
using EfficientNetSharp.Weights.Downloads;
using EfficientNetSharp.Weights.Formats;
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
        if (IsModel(path)) return ModelFile.Load(path);
        var published = PublishedWeightsTable.OfFile(path);
        string? name = architecture ?? published?.Architecture ?? ArchitectureRegistry.Find(Path.GetFileNameWithoutExtension(path))?.Name;
        if (name is null)
            throw new InvalidInputException($"'{path}' does not say which network its weights are of; add -a NAME ('effnet list' shows all).");
        using var file = WeightFile.Open(path);
        return WeightImporter.Import(file, ArchitectureArgument.Get(name), new ImportOptions
        {
            AdjustPreprocessing = standard => published?.Preprocessing ?? standard,
            Published = published,
        }).Model;
    }

    private static bool IsModel(string path)
    {
        if (!path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase)) return false;
        using var file = SafetensorsFile.Open(path);
        return file.Metadata.GetValueOrDefault("format") == ModelFile.Format;
    }
}
