using EfficientNetSharp.Models;
using EfficientNetSharp.Onnx;
using EfficientNetSharp.Training.Torch;

namespace EfficientNetSharp.Cli.Support;

/// <summary>A model file opened for running: a <c>.safetensors</c> model or an exported <c>.onnx</c> one.</summary>
internal sealed record OpenModel(ModelCard Card, Model? Model, string Path)
{
    public const string OnnxRuntime = "onnxruntime", Torch = "torch";

    public static OpenModel Load(string path)
    {
        if (path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase)) return new OpenModel(OnnxModelFile.ReadCard(path), null, path);
        var model = ModelFile.Load(path);
        return new OpenModel(model.Card, model, path);
    }

    /// <summary>Makes the runner.</summary>
    /// <param name="backend"><see cref="OnnxRuntime"/> or <see cref="Torch"/>.</param>
    /// <param name="threads">Threads; 0 for all cores.</param>
    /// <param name="height">Rows; the card's where <see langword="null"/>.</param>
    /// <param name="width">Columns; the card's where <see langword="null"/>.</param>
    public IModelRunner CreateRunner(string backend, int threads = 0, int? height = null, int? width = null)
    {
        var options = new OnnxRuntimeOptions { Threads = threads, Height = height, Width = width };
        if (Model is null)
        {
            return backend == OnnxRuntime
                ? OnnxRuntimeRunner.Open(Path, options)
                : throw new InvalidInputException($"The backend '{backend}' runs .safetensors models, found '{Path}'; use --backend {OnnxRuntime}.");
        }

        if (backend == OnnxRuntime) return OnnxRuntimeRunner.Create(Model.BuildGraph(height, width), Model.Weights, options);
        return CreateTorch(Model, threads, height, width);
    }

    // Of its own, so that libtorch's types are not even looked at where another backend runs.
    private static TorchRunner CreateTorch(Model model, int threads, int? height, int? width)
    {
        TorchRuntime.Prepare();
        if (threads > 0) TorchRuntime.Threads = threads;
        return new TorchRunner(model.BuildGraph(height, width), model.Weights);
    }
}
