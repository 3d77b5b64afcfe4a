using EfficientNetSharp.Architectures;
using EfficientNetSharp.Files;
using EfficientNetSharp.Models;
using EfficientNetSharp.Onnx.Reading;
using EfficientNetSharp.Onnx.Schema;
using Google.Protobuf;

namespace EfficientNetSharp.Onnx;

/// <summary>
/// Reads ONNX files of EfficientNet-like networks, whoever wrote them, as a graph with weights that any backend runs.
/// </summary>
/// <remarks>
/// <para>
/// Taken are files of one image input, operator sets from 7, with the operators that convolutional classifiers and embeddings
/// of this kind have. Functions that files spell out in several nodes (x·Sigmoid(x), MobileNetV3's hard functions) become one
/// node; shape computations are evaluated; reshapes between [N,C,1,1] and [N,C] and transposes between channels first and last
/// vanish; a padding becomes part of the layer after it; factors and sums a channel become a bias or a batch normalisation. Any
/// other operator or setting is refused by name.
/// </para>
/// <para>
/// Values that the file rounds to integers (QuantizeLinear and DequantizeLinear, QLinearConv and its kin) and integer kernels become the
/// network's quantization plan, with ONNX's arithmetic. Integers that a plan has not (kernels of uint8 with a zero point per channel, for
/// example) are taken as the floats that they stand for, which a note says.
/// </para>
/// <para>
/// Results agree with the file's up to rounding. Float16 weights are widened. Weights may be in other files, in the model's folder
/// only.
/// </para>
/// </remarks>
public static class OnnxReader
{
    // What the operators read here mean has hardly changed since; before it Add and Mul had another broadcasting.
    private const int OldestOpset = 7;

    /// <summary>Reads a network.</summary>
    /// <param name="path">The file.</param>
    /// <param name="options">The size where the file leaves it open; the defaults where <see langword="null"/>.</param>
    /// <exception cref="InvalidInputException">
    /// The file cannot be read, is not ONNX or damaged, has an operator that is not read, or leaves a size open that is not named.
    /// </exception>
    public static OnnxNetwork Read(string path, OnnxReadOptions? options = null)
    {
        OnnxModelFile.EnsureFile(path);
        var model = Parse(path, out long bytes);
        var (card, architecture) = DescriptionOf(model, path);
        try
        {
            int opset = OpsetOf(model);
            IntegerOperators.SpellOut(model.Graph);
            var input = InputSignature.Of(model.Graph, options ?? new OnnxReadOptions(), card);
            var reader = new NetworkReader(model.Graph, input, new TensorDecoder(path), new FoldingBudget(bytes));
            return reader.Read(opset) with
            {
                Card = card,
                Architecture = architecture,
                InputAxes = input.Axes,
                HasOpenSize = input.HasOpenSize,
            };
        }
        catch (InvalidInputException e)
        {
            throw new InvalidInputException($"'{path}' cannot be read as a network: {e.Message}", e)
            {
                UnsupportedOperator = e.UnsupportedOperator,
            };
        }
    }

    private static ModelProto Parse(string path, out long bytes)
    {
        try
        {
            using var stream = File.OpenRead(path);
            bytes = stream.Length;
            var model = ModelProto.Parser.WithDiscardUnknownFields(true).ParseFrom(stream);
            if (model.Graph is not null && model.IrVersion > 0) return model;
            throw OnnxModelFile.NotOnnx(path, "it holds no network");
        }
        catch (InvalidProtocolBufferException e)
        {
            throw OnnxModelFile.NotOnnx(path, OneLine.Clean(e.Message, 200), e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException($"Cannot read '{path}': {OneLine.Clean(e.Message, 200)}", e);
        }
    }

    private static int OpsetOf(ModelProto model)
    {
        long opset = model.OpsetImport.Where(import => import.Domain is "" or "ai.onnx").Select(import => import.Version).DefaultIfEmpty(1)
            .Max();
        return opset is >= OldestOpset and <= int.MaxValue
            ? (int)opset
            : throw new InvalidInputException(
                $"operator set {OldestOpset} or later is expected, found {opset}; export it again with 13, for example.")
            {
                UnsupportedOperator = $"operator set {opset}",
            };
    }

    // Other programs may have entries of these names for themselves; a card is only what this library wrote.
    private static (ModelCard? Card, Architecture? Architecture) DescriptionOf(ModelProto model, string path)
    {
        bool isOurs = model.ProducerName == OnnxExporter.Producer && model.MetadataProps.Any(entry => entry.Key == "preprocessing");
        return isOurs ? (OnnxModelFile.ReadCard(path), ModelMetadata.ReadArchitecture(model.MetadataProps)) : (null, null);
    }
}
