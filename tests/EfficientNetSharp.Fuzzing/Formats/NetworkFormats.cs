using System.Collections.Immutable;
using System.Text;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Inference;
using EfficientNetSharp.Models;
using EfficientNetSharp.Onnx;
using EfficientNetSharp.Running;
using EfficientNetSharp.Testing;
using EfficientNetSharp.Testing.Hostile;
using EfficientNetSharp.Testing.Hostile.Containers;
using EfficientNetSharp.Testing.IntegerMath;
using EfficientNetSharp.Testing.Networks;
using EfficientNetSharp.Testing.TfLite;
using EfficientNetSharp.Weights.TfLite;

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
            Name = "onnx-quantized",
            Seeds = QuantizedOnnx,
            Mutator = new Mutator([new ProtobufContainer()], [.. OnnxWords, .. Mutator.Words(
                "QuantizeLinear", "DequantizeLinear", "QLinearConv", "QLinearMatMul", "QLinearAdd", "QLinearMul", "QLinearSigmoid", "QLinearGlobalAveragePool",
                "QGemm", "DynamicQuantizeLinear", "com.microsoft", "axis", "block_size", "output_dtype", "\0\0\x80\x7f", "\0\0\xc0\x7f", "\0\0\0\0")]),
            Read = path =>
            {
                var network = OnnxReader.Read(path);
                Run(network.Graph, network.Weights);
            },
            Limits = new Limits { ManagedBytes = 256L << 20, ResidentBytes = 256L << 20, Seconds = 20 },
        },
        new FuzzFormat
        {
            Name = "tflite",
            Seeds = TfLite,
            Mutator = new Mutator([], Mutator.Words(
                "TFL3", "\x03", "\x09", "\x16", "\x28", "\x72", "\0\0\0\0", "\xff\xff\xff\xff", "\xff\xff\xff\x7f", "\0\0\x80\x7f", "\0\0\xc0\x7f", "\x01\0\0\0")),
            Read = path =>
            {
                var network = new TfLiteModelReader().Read(path, new ModelReadOptions());
                Run(network.Graph, network.Weights);
            },
            Limits = new Limits { ManagedBytes = 256L << 20, ResidentBytes = 256L << 20, Seconds = 20 },
        },
        new FuzzFormat
        {
            Name = "plan",
            Seeds = Plans,
            Mutator = new Mutator([], Mutator.Words(
                "{", "}", "[", "]", "\"", ":", ",", "null", "1e999", "-1", "0.5", "\"u8\"", "\"i16\"", "\"u16\"", "\"rknn\"", "\"scales\":[", "\"zero_point\":",
                "\"sigmoid\":{", "\\ud800", "[[[[[[[[")),
            Read = path => QuantizationJson.Parse(File.ReadAllText(path)).Check(RandomNetwork.Build(0)),
        },
        new FuzzFormat
        {
            Name = "model",
            Seeds = () => [.. ModelFiles(SmallModels.All), .. ModelFiles([Quantized()]), .. Repository.Files("EfficientNetSharp.Tests", "version1.safetensors").Select(Specimen.OfFile)],
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

    private static IEnumerable<Specimen> QuantizedOnnx()
    {
        for (int seed = 0; seed < Networks; seed++)
        {
            // Kernels that are mixed for each image have no integers there.
            if (RandomNetwork.Build(seed).Nodes.Any(node => node.Operator is ConditionalConvolution)) continue;
            var (graph, weights) = Rounded(seed, IntegerArithmetic.Onnx);
            yield return Specimen.Of($"network{seed}.onnx", OnnxExporter.ExportToBytes(
                graph, weights, new OnnxExportOptions { OpsetVersion = seed % 2 == 0 ? 13 : null, MicrosoftDomain = true }));
        }
    }

    private static IEnumerable<Specimen> TfLite()
    {
        for (int seed = 0; seed < Networks; seed++)
        {
            var (graph, weights) = TfLiteNetworks.Quantized(seed);
            if (seed % 4 == 0) (graph, weights) = (TfLiteNetworks.Classifier(seed), SyntheticWeights.For(TfLiteNetworks.Classifier(seed)));
            yield return Specimen.Of($"network{seed}.tflite", new TfLiteGraphWriter(graph, weights).Write());
        }
    }

    private static IEnumerable<Specimen> Plans() => Enum.GetValues<IntegerArithmetic>().Select(arithmetic =>
        Specimen.Of($"{arithmetic}.json", Encoding.UTF8.GetBytes(QuantizationJson.Serialize(Rounded(0, arithmetic).Graph.Quantization!))));

    private static (Graph Graph, WeightSet Weights) Rounded(int seed, IntegerArithmetic arithmetic)
    {
        var network = RandomNetwork.Build(seed);
        return RandomQuantization.Of(
            network, SyntheticWeights.For(network), arithmetic, (ulong)seed, SyntheticInput.Batch(network.Input.Shape, 1, (ulong)seed));
    }

    private static Model Quantized()
    {
        var model = SmallModels.All.First();
        var graph = model.BuildGraph();
        var (quantized, weights) = RandomQuantization.Of(
            graph, model.Weights, IntegerArithmetic.Onnx, 1, SyntheticInput.Batch(graph.Input.Shape, 1), floats: 0);
        return model with { Graph = quantized, Weights = weights };
    }

    private static IEnumerable<Specimen> ModelFiles(IEnumerable<Model> models)
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("effnet-fuzz-").FullName, "model.safetensors");
        try
        {
            foreach (var model in models)
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
