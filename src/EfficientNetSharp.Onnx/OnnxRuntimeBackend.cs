using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Running;

namespace EfficientNetSharp.Onnx;

/// <summary>ONNX Runtime as a backend, called <c>onnxruntime</c>. It runs any network, and ONNX files by itself.</summary>
/// <remarks>
/// A file yields the same numbers on each backend. One that the reader takes for another network than it is
/// (<see cref="OnnxNetwork.Notes"/>:
/// a softmax at its end that is left out, channels last) is run as that network; any other is run as it is. One that cannot be read is
/// refused here too, but for those with operators that only ONNX Runtime knows.
/// </remarks>
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
        options.CheckWithoutSimd(Name);
        return OnnxRuntimeRunner.Create(graph, weights, new OnnxRuntimeOptions { Threads = options.Threads });
    }

    /// <inheritdoc />
    public OpenedRunner Open(string path, ModelReadOptions read, RunnerOptions options)
    {
        ArgumentNullException.ThrowIfNull(read);
        ArgumentNullException.ThrowIfNull(options);
        options.CheckWithoutSimd(Name);
        var card = read.NeedsCard ? OnnxModelFile.ReadCard(path) : null;
        // A file that leaves its size open was exported of a model with one.
        var size = read.Size ?? (card is null ? null : new InputSize(card.Preprocessing.Height, card.Preprocessing.Width));
        var settings = new OnnxRuntimeOptions { Threads = options.Threads, Height = size?.Height, Width = size?.Width };
        if (Read(path, size) is { IsAsInFile: false } network)
            return new OpenedRunner(OnnxRuntimeRunner.Create(network.Graph, network.Weights, settings), card, network.OutputNames);
        var runner = OnnxRuntimeRunner.Open(path, settings);
        return new OpenedRunner(runner, card, runner.OutputNames);
    }

    private static OnnxNetwork? Read(string path, InputSize? size)
    {
        try
        {
            return OnnxReader.Read(path, new OnnxReadOptions { Height = size?.Height, Width = size?.Width });
        }
        catch (InvalidInputException e) when (e.UnsupportedOperator is not null)
        {
            return null;
        }
    }
}
