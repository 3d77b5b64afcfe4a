using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Running;

namespace EfficientNetSharp.Onnx;

/// <summary>ONNX Runtime as a backend, called <c>onnxruntime</c>. It runs any network, and ONNX files as they are.</summary>
public sealed class OnnxRuntimeBackend : IFileBackend
{
    /// <inheritdoc />
    public string Name => OnnxRuntimeRunner.BackendName;

    /// <inheritdoc />
    public bool Opens(string path) => OnnxModelFile.IsOnnx(path);

    /// <inheritdoc />
    public IModelRunner Create(Graph graph, WeightSet weights, RunnerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return OnnxRuntimeRunner.Create(graph, weights, new OnnxRuntimeOptions { Threads = options.Threads });
    }

    /// <inheritdoc />
    public OpenedRunner Open(string path, ModelReadOptions read, RunnerOptions options)
    {
        ArgumentNullException.ThrowIfNull(read);
        ArgumentNullException.ThrowIfNull(options);
        var card = read.NeedsCard ? OnnxModelFile.ReadCard(path) : null;
        // A file that leaves its size open was exported of a model with one.
        var size = read.Size ?? (card is null ? null : new InputSize(card.Preprocessing.Height, card.Preprocessing.Width));
        var runner = OnnxRuntimeRunner.Open(path,
            new OnnxRuntimeOptions { Threads = options.Threads, Height = size?.Height, Width = size?.Width });
        return new OpenedRunner(runner, card, runner.OutputNames);
    }
}
