using EfficientNetSharp.Files;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Running;

/// <summary>Reads the project's own model files (<see cref="ModelFile"/>).</summary>
public sealed class ModelFileReader : IModelReader
{
    /// <inheritdoc />
    public string Reading => "a model file (.safetensors)";

    /// <inheritdoc />
    public bool Reads(string path) => IsSafetensors(path) && ModelFile.IsModel(path);

    /// <inheritdoc />
    public OpenedModel Read(string path, ModelReadOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var model = ModelFile.Load(path);
        return new OpenedModel(model.BuildGraph(options.Size?.Height, options.Size?.Width), model.Weights)
        {
            Card = model.Card,
            Architecture = model.Architecture,
        };
    }

    private static bool IsSafetensors(string path)
    {
        if (!File.Exists(path)) return false;
        if (path.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase)) return true;
        using var file = InputFile.Open(path);
        return file.DescribeKind() == FileSignature.Safetensors;
    }
}
