using EfficientNetSharp.Architectures;
using EfficientNetSharp.Models;
using EfficientNetSharp.Running;
using EfficientNetSharp.Weights.Downloads;
using EfficientNetSharp.Weights.Formats.TensorFlow;

namespace EfficientNetSharp.Weights.Importing;

/// <summary>
/// Reads other people's weights as a network, through <see cref="WeightImporter"/>. It takes any file that others do not, so it stands
/// behind them.
/// </summary>
public sealed class WeightFileReader : IModelReader
{
    /// <summary>
    /// Whose weights files have; where <see langword="null"/> it is told from what is published, from the file's name, or from its
    /// tensors, and files that tell none of these are refused.
    /// </summary>
    public Architecture? Architecture { get; init; }

    /// <summary>
    /// Whether a head that is no plain classifier is left out, with a note, instead of refused; for who replaces the classifier anyway.
    /// </summary>
    public bool LeaveOutOtherHeads { get; init; }

    /// <inheritdoc />
    public string Reading => "weights of PyTorch, NumPy, Keras or TensorFlow";

    /// <inheritdoc />
    public bool Reads(string path) => File.Exists(path) || CheckpointPaths.Find(path) is not null;

    /// <inheritdoc />
    public OpenedModel Read(string path, ModelReadOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var imported = Import(path);
        var model = imported.Model;
        return new OpenedModel(model.BuildGraph(options.Size?.Height, options.Size?.Width), model.Weights)
        {
            Card = model.Card,
            Architecture = model.Architecture,
            Notes = imported.Remarks,
        };
    }

    private ImportedModel Import(string path)
    {
        var published = PublishedWeightsTable.OfFile(path);
        return WeightImporter.Import(path, Architecture, new ImportOptions
        {
            AdjustPreprocessing = standard => published?.Preprocessing ?? standard,
            Published = published,
            LeaveOutOtherHeads = LeaveOutOtherHeads,
        });
    }
}
