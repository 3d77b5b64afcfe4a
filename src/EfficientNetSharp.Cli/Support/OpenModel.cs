using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference;
using EfficientNetSharp.Models;
using EfficientNetSharp.Onnx;
using EfficientNetSharp.Training.Torch;

namespace EfficientNetSharp.Cli.Support;

/// <summary>A model file opened for running: a <c>.safetensors</c> model or an exported <c>.onnx</c> one.</summary>
internal sealed record OpenModel(ModelCard Card, Model? Model, string Path)
{
    public const string Engine = "engine", OnnxRuntime = "onnxruntime", Torch = "torch";

    /// <summary>All of them.</summary>
    public static readonly string[] Backends = [Engine, OnnxRuntime, Torch];

    public static OpenModel Load(string path)
    {
        if (path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase)) return new OpenModel(OnnxModelFile.ReadCard(path), null, path);
        var model = ModelFile.Load(path);
        return new OpenModel(model.Card, model, path);
    }

    /// <summary>Names of an ONNX file's outputs, once a runner was made of it.</summary>
    public IReadOnlyList<string>? OutputNames { get; private set; }

    /// <summary>Opens a file for raw tensors, for which an ONNX file by others needs no classes and no preprocessing.</summary>
    public static OpenModel LoadForTensors(string path)
    {
        if (!path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase)) return Load(path);
        if (!File.Exists(path)) throw new InvalidInputException($"There is no file '{path}'.");
        return new OpenModel(new ModelCard { Classes = [], Preprocessing = Preprocessing.ForSize(1) }, null, path);
    }

    /// <summary>Makes a runner for a part of a model.</summary>
    /// <param name="backend">One of <see cref="Backends"/>; <see langword="null"/> for the engine, and for ONNX Runtime where only that can run the file.</param>
    /// <param name="features">The part.</param>
    /// <param name="threads">Threads; 0 for all cores.</param>
    /// <param name="height">Rows; the card's where <see langword="null"/>.</param>
    /// <param name="width">Columns; the card's where <see langword="null"/>.</param>
    public IModelRunner CreateRunner(string? backend, FeatureSelection features, int threads = 0, int? height = null, int? width = null)
    {
        if (Model is null)
            throw new InvalidInputException($"--features goes with a .safetensors model, found '{Path}', whose outputs were chosen when it was exported.");
        var graph = features.BuildGraph(Model, height, width);
        return CreateRunner(backend, graph, Model.Weights.For(graph), threads);
    }

    /// <summary>Makes the runner.</summary>
    /// <param name="backend">One of <see cref="Backends"/>; <see langword="null"/> for the engine, and for ONNX Runtime where only that can run the file.</param>
    /// <param name="threads">Threads; 0 for all cores.</param>
    /// <param name="height">Rows; the card's where <see langword="null"/>.</param>
    /// <param name="width">Columns; the card's where <see langword="null"/>.</param>
    public IModelRunner CreateRunner(string? backend, int threads = 0, int? height = null, int? width = null)
    {
        if (Model is not null) return CreateRunner(backend, Model.BuildGraph(height, width), Model.Weights, threads);
        var options = new OnnxRuntimeOptions { Threads = threads, Height = height, Width = width };
        if (backend == OnnxRuntime) return OpenOnnxRuntime(options);
        try
        {
            var network = OnnxReader.Read(Path, new OnnxReadOptions { Height = height, Width = width });
            OutputNames = network.OutputNames;
            return CreateRunner(backend, network.Graph, network.Weights, threads);
        }
        catch (InvalidInputException) when (backend is null)
        {
            // Not asked for, so whoever can run the file may: ONNX Runtime knows operators that a network of ours has no use for.
            return OpenOnnxRuntime(options);
        }
    }

    private OnnxRuntimeRunner OpenOnnxRuntime(OnnxRuntimeOptions options)
    {
        var runner = OnnxRuntimeRunner.Open(Path, options);
        OutputNames = runner.OutputNames;
        return runner;
    }

    /// <summary>Makes a runner for any network.</summary>
    public static IModelRunner CreateRunner(string? backend, Graph graph, WeightSet weights, int threads) => backend switch
    {
        null or Engine => EngineRunner.Create(graph, weights, new PlanOptions { Threads = threads }),
        OnnxRuntime => OnnxRuntimeRunner.Create(graph, weights, new OnnxRuntimeOptions { Threads = threads }),
        Torch => CreateTorch(graph, weights, threads),
        _ => throw new InvalidInputException($"There is no backend '{backend}'; the known ones are {string.Join(", ", Backends)}."),
    };

    // Of its own, so that libtorch's types are not even looked at where another backend runs.
    private static TorchRunner CreateTorch(Graph graph, WeightSet weights, int threads)
    {
        TorchRuntime.Prepare();
        TorchRuntime.Threads = threads > 0 ? threads : TorchRuntime.DefaultThreads;
        return new TorchRunner(graph, weights);
    }
}
