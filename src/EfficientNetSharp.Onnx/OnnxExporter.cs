using System.Text;
using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Transforms;
using EfficientNetSharp.Models;
using EfficientNetSharp.Onnx.Schema;
using EfficientNetSharp.Onnx.Writing;
using Google.Protobuf;

namespace EfficientNetSharp.Onnx;

/// <summary>Writes networks as ONNX, node by node from the graph: nothing is run or traced.</summary>
/// <remarks>
/// <para>
/// The input is named <c>input</c>, [N,C,H,W]; the output <c>logits</c>, or <c>features</c> for a network without classes. Where
/// there are several outputs, a map is named by its stride, <c>stride_8</c> for example.
/// Values and weights keep the graph's names. Operators that act only in training are left out. The zeros of SAME padding are
/// written out for the exported size, SiLU is x·Sigmoid(x).
/// </para>
/// <para>
/// A model's card and architecture go along as metadata in JSON (<c>classes</c>, <c>preprocessing</c>,
/// <c>provenance</c>, <c>architecture</c>); <see cref="OnnxModelFile.ReadCard"/> reads it back. The weights are written from where they
/// are in memory; only folding
/// makes new ones.
/// </para>
/// </remarks>
public static class OnnxExporter
{
    /// <summary>Who wrote a file, in its own words.</summary>
    internal const string Producer = "EfficientNetSharp";

    /// <summary>Writes a model to a file: under a temporary name beside it, flushed, then renamed.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file; one that exists is replaced.</param>
    /// <param name="options">How it is written; the defaults where <see langword="null"/>.</param>
    /// <exception cref="InvalidInputException">
    /// The options do not fit the network, the weights do not fit it, the file would be over ONNX's limit of 2 GB, or the path
    /// cannot be written.
    /// </exception>
    /// <exception cref="IOException">Writing failed, for example because the disk is full.</exception>
    public static void Export(Model model, string path, OnnxExportOptions? options = null) => WriteFile(path, Build(model, options));

    /// <summary>Writes a model to a stream, which stays open.</summary>
    /// <param name="model">The model.</param>
    /// <param name="destination">Receives the file's bytes.</param>
    /// <param name="options">How it is written; the defaults where <see langword="null"/>.</param>
    /// <exception cref="InvalidInputException">The options or weights do not fit the network, or the file would be over 2 GB.</exception>
    public static void Export(Model model, Stream destination, OnnxExportOptions? options = null) =>
        WriteStream(destination, Build(model, options));

    /// <summary>Makes the file's bytes in memory.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">How it is written; the defaults where <see langword="null"/>.</param>
    /// <exception cref="InvalidInputException">The options or weights do not fit the network, or the file would be over 2 GB.</exception>
    public static byte[] ExportToBytes(Model model, OnnxExportOptions? options = null) => Build(model, options).ToByteArray();

    /// <summary>Writes a network without a card to a file: under a temporary name beside it, flushed, then renamed.</summary>
    /// <param name="graph">The network, as trained or prepared for inference; it has its input's size already.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="path">The file; one that exists is replaced.</param>
    /// <param name="options">How it is written; the defaults where <see langword="null"/>. It names no size and no features.</param>
    /// <exception cref="InvalidInputException">As for a model.</exception>
    /// <exception cref="ArgumentException">The options name a size other than the graph's, or features.</exception>
    /// <exception cref="IOException">Writing failed, for example because the disk is full.</exception>
    public static void Export(Graph graph, WeightSet weights, string path, OnnxExportOptions? options = null) =>
        WriteFile(path, Build(graph, weights, options));

    /// <summary>Writes a network without a card to a stream, which stays open.</summary>
    /// <param name="graph">The network, as trained or prepared for inference; it has its input's size already.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="destination">Receives the file's bytes.</param>
    /// <param name="options">How it is written; the defaults where <see langword="null"/>. It names no size and no features.</param>
    /// <exception cref="InvalidInputException">As for a model.</exception>
    /// <exception cref="ArgumentException">The options name a size other than the graph's, or features.</exception>
    public static void Export(Graph graph, WeightSet weights, Stream destination, OnnxExportOptions? options = null) =>
        WriteStream(destination, Build(graph, weights, options));

    /// <summary>Makes the bytes of a network without a card in memory.</summary>
    /// <param name="graph">The network, as trained or prepared for inference; it has its input's size already.</param>
    /// <param name="weights">Its weights.</param>
    /// <param name="options">How it is written; the defaults where <see langword="null"/>. It names no size and no features.</param>
    /// <exception cref="InvalidInputException">As for a model.</exception>
    /// <exception cref="ArgumentException">The options name a size other than the graph's, or features.</exception>
    public static byte[] ExportToBytes(Graph graph, WeightSet weights, OnnxExportOptions? options = null) =>
        Build(graph, weights, options).ToByteArray();

    private static ModelProto Build(Model model, OnnxExportOptions? options)
    {
        ArgumentNullException.ThrowIfNull(model);
        options ??= new OnnxExportOptions();
        var graph = BuildGraph(model, options);
        bool yieldsFeatures = options.PooledFeatures || !options.FeatureStrides.IsEmpty;
        var card = model.Card with
        {
            Preprocessing = model.Card.Preprocessing.At(graph.Input.Shape.Height, graph.Input.Shape.Width),
            // The card describes the file, and this one has no classifier.
            Classes = yieldsFeatures ? [] : model.Card.Classes,
            ClassIds = yieldsFeatures ? [] : model.Card.ClassIds,
        };
        var metadata = ModelMetadata.Write(card, model.Architecture);
        var weights = yieldsFeatures ? model.Weights.For(graph) : model.Weights;
        return Build(graph, weights, options, model.Name, hasClasses: !card.Classes.IsEmpty, metadata);
    }

    private static ModelProto Build(Graph graph, WeightSet weights, OnnxExportOptions? options)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(weights);
        options ??= new OnnxExportOptions();
        var input = graph.Input.Shape;
        if ((options.Height ?? input.Height) != input.Height || (options.Width ?? input.Width) != input.Width)
            throw new ArgumentException($"The graph's input is {input} already; build it with the other size instead.", nameof(options));
        if (options.PooledFeatures || !options.FeatureStrides.IsEmpty)
            throw new ArgumentException("The graph's outputs are chosen already; build it with other ones instead.", nameof(options));
        return Build(graph, weights, options, "network", hasClasses: graph.Outputs.Any(output => output.Operator is Linear), []);
    }

    private static ModelProto Build(
        Graph graph, WeightSet weights, OnnxExportOptions options, string name, bool hasClasses, IReadOnlyCollection<KeyValuePair<string,
        string>> metadata)
    {
        EnsureBelowLimit(graph, weights, metadata);
        weights.EnsureFit(graph);
        int opset = options.OpsetFor(graph.Quantization), irVersion = OpsetVersions.IrVersion(opset);
        if (graph.Quantization is { } plan) QuantizationWriter.EnsureStatable(plan, options);
        if (options.AppendSoftmax && (!hasClasses || graph.Outputs.Length > 1))
            throw new InvalidInputException(
                "A softmax is expected to follow the logits of classes, but the network yields features; export without it.");
        var (prepared, preparedWeights) = InferenceTransform.Apply(graph, weights, options.FoldBatchNormalization);
        var writer = new GraphWriter(prepared, preparedWeights, OutputNames.Of(prepared, hasClasses), options);
        return new ModelProto
        {
            IrVersion = irVersion,
            OpsetImport = { OperatorSets(graph, options, opset) },
            ProducerName = Producer,
            ProducerVersion = typeof(OnnxExporter).Assembly.GetName().Version!.ToString(3),
            DocString = Describe(graph, name, options, hasCard: metadata.Count > 0),
            Graph = writer.Write(name),
            MetadataProps = { metadata.Select(entry => new StringStringEntryProto { Key = entry.Key, Value = entry.Value }) },
        };
    }

    private static IEnumerable<OperatorSetIdProto> OperatorSets(Graph graph, OnnxExportOptions options, int opset)
    {
        yield return new OperatorSetIdProto { Domain = "", Version = opset };
        if (QuantizationWriter.UsesMicrosoftDomain(graph.Quantization, options))
            yield return new OperatorSetIdProto { Domain = QuantizationWriter.MicrosoftDomain, Version = 1 };
    }

    private static Graph BuildGraph(Model model, OnnxExportOptions options)
    {
        if (options.PooledFeatures && !options.FeatureStrides.IsEmpty)
            throw new InvalidInputException("Either pooled features or maps are expected, found both; export two files.");
        if (options.PooledFeatures) return model.BuildPooledGraph(options.Height, options.Width);
        return options.FeatureStrides.IsEmpty
            ? model.BuildGraph(options.Height, options.Width)
            : model.BuildFeatureGraph(options.FeatureStrides, options.Height, options.Width);
    }

    private static string Describe(Graph graph, string name, OnnxExportOptions options, bool hasCard)
    {
        string size = options.DynamicResolution ? "any size" : $"{graph.Input.Shape.Height}x{graph.Input.Shape.Width}";
        string norms = options.FoldBatchNormalization ? "batch normalisation folded" : "batch normalisation kept";
        string images = hasCard ? ", normalised as the metadata 'preprocessing' says" : "";
        string integers = graph.Quantization is { } plan ? $", quantized ({plan.Describe()})" : "";
        return $"{name}, {graph.Input.Shape.Channels} channels, {size}, {norms}{integers}. Input [N,C,H,W] in float32{images}.";
    }

    private static void WriteFile(string path, ModelProto proto) => AtomicFile.Write(path, proto.WriteTo);

    private static void WriteStream(Stream destination, ModelProto proto)
    {
        ArgumentNullException.ThrowIfNull(destination);
        proto.WriteTo(destination);
    }

    // Protobuf counts a message's size in 32 bits, so one over 2 GB can be neither written nor read. The count wraps around
    // there, hence this one in 64 bits, before anything is made.
    private static void EnsureBelowLimit(Graph graph, WeightSet weights, IReadOnlyCollection<KeyValuePair<string, string>> metadata)
    {
        // Nodes, shapes and names: about 5 kB per block of at most 10,000, so far below 64 MB.
        const long Nodes = 64L << 20;
        long numbers = graph.Parameters.Sum(parameter =>
            weights.GetValueOrDefault(parameter.Name)?.Integers is { } integers ? integers.Bytes.Length : parameter.Count * sizeof(float));
        long texts = metadata.Sum(entry => (long)Encoding.UTF8.GetByteCount(entry.Value));
        if (numbers + texts + Nodes <= int.MaxValue) return;
        throw new InvalidInputException(
            $"An ONNX file holds at most 2 GB, this network would need {(numbers + texts) / 1e9:F2} GB; "
            + "keep it as a model file, or scale its width down.");
    }
}
