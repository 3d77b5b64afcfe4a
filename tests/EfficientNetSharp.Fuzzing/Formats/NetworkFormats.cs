using System.Collections.Immutable;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference;
using EfficientNetSharp.Models;
using EfficientNetSharp.Onnx;
using EfficientNetSharp.Running;
using EfficientNetSharp.Testing;
using EfficientNetSharp.Testing.Hostile;
using EfficientNetSharp.Testing.Hostile.Containers;
using EfficientNetSharp.Testing.Networks;

namespace EfficientNetSharp.Fuzzing.Formats;

/// <summary>Networks: read, planned and run by the engine.</summary>
internal static class NetworkFormats
{
    private const int Networks = 24;

    // A network may honestly want more than its file has bytes; one that wants this much is not run.
    private const long MaxMapElements = 1 << 20;

    private static readonly byte[][] OnnxWords = Mutator.Words(
        "Conv", "Gemm", "MatMul", "Add", "Mul", "Sigmoid", "Reshape", "Transpose", "Pad", "Shape", "Gather", "Concat", "Expand", "Tile",
            "ConstantOfShape",
        "Range", "Slice", "Squeeze", "Unsqueeze", "Flatten", "GlobalAveragePool", "MaxPool", "AveragePool", "ReduceMean",
            "BatchNormalization", "Softmax",
        "Clip", "Constant", "Identity", "Cast", "Resize", "Loop", "If", "Where", "pads", "strides", "dilations", "kernel_shape", "group",
            "auto_pad", "axes",
        "perm", "SAME_UPPER", "location", "offset", "length", "../x", "/dev/zero", "/etc/passwd");

    private static readonly byte[][] GraphWords = Mutator.Words(
        "\"type\":", "\"kernel\":", "\"stride\":", "\"padding\":", "\"groups\":", "\"input\":", "\"shape\":[", "\"channels\":",
            "\"epsilon\":", "[[[[[[", "{\"", "}", "null", "\\ud800");

    public static ImmutableArray<FuzzFormat> All { get; } =
    [
        new FuzzFormat
        {
            Name = "onnx",
            Seeds = Onnx,
            Mutator = new Mutator([new ProtobufContainer()], OnnxWords),
            Read = path =>
            {
                var network = OnnxReader.Read(path);
                Run(network.Graph, network.Weights);
            },
            Limits = new Limits { ManagedBytes = 256L << 20, ResidentBytes = 256L << 20, Seconds = 20 },
        },
        new FuzzFormat
        {
            Name = "model",
            Seeds = () => [.. ModelFiles(), .. Repository.Files("EfficientNetSharp.Tests", "version1.safetensors").Select(Specimen.OfFile)],
            Mutator = new Mutator([new SafetensorsContainer()], GraphWords),
            Read = path =>
            {
                var model = ModelFile.Load(path);
                Run(model.BuildGraph(), model.Weights);
            },
            Limits = new Limits { ManagedBytes = 256L << 20, ResidentBytes = 256L << 20, Seconds = 20 },
        },
    ];

    private static void Run(Graph graph, WeightSet weights)
    {
        if (graph.Nodes.Any(node => node.Shape.Count > MaxMapElements)) return;
        using var runner = EngineRunner.Create(graph, weights, new PlanOptions { Threads = 1 });
        var input = new float[runner.InputShape.Count];
        RunnerComparison.RunAll(runner, input, 1);
    }

    private static IEnumerable<Specimen> Onnx()
    {
        for (int seed = 0; seed < Networks; seed++)
        {
            var graph = RandomNetwork.Build(seed);
            byte[] bytes = OnnxExporter.ExportToBytes(graph, SyntheticWeights.For(graph),
                new OnnxExportOptions { OpsetVersion = 11 + (seed % 12) });
            yield return Specimen.Of($"network{seed}.onnx", bytes);
        }
    }

    private static IEnumerable<Specimen> ModelFiles()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("effnet-fuzz-").FullName, "model.safetensors");
        try
        {
            foreach (var model in SmallModels.All)
            {
                ModelFile.Save(model, path);
                yield return Specimen.OfFile(path);
            }
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }
}
