using EfficientNetSharp.Running;

namespace EfficientNetSharp.Onnx;

/// <summary>Reads ONNX files as networks for any backend (<see cref="OnnxReader"/>).</summary>
public sealed class OnnxModelReader : IModelReader
{
    /// <inheritdoc />
    public string Reading => "an ONNX file (.onnx)";

    /// <inheritdoc />
    public bool Reads(string path) => OnnxModelFile.IsOnnx(path);

    /// <inheritdoc />
    public OpenedModel Read(string path, ModelReadOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        // First, since it costs little and says more than a network without a description.
        var card = options.NeedsCard ? OnnxModelFile.ReadCard(path) : null;
        var network = OnnxReader.Read(path, new OnnxReadOptions { Height = options.Size?.Height, Width = options.Size?.Width });
        return new OpenedModel(network.Graph, network.Weights)
        {
            Card = card ?? network.Card,
            OutputNames = network.OutputNames,
            Notes = network.Notes,
        };
    }
}
