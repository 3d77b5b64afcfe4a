using EfficientNetSharp.Arrays;
using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Running;

namespace EfficientNetSharp.Weights.TfLite;

/// <summary>
/// Reads TensorFlow Lite files (<c>.tflite</c>) as networks for any backend: classifiers and embeddings of floats or of 8- and 16-bit
/// integers, whose scales and zero points become the network's quantization plan.
/// </summary>
public sealed class TfLiteModelReader : IModelReader
{
    /// <inheritdoc />
    public string Reading => "a TensorFlow Lite file (.tflite)";

    /// <inheritdoc />
    public bool Reads(string path)
    {
        if (Directory.Exists(path) || !File.Exists(path)) return false;
        using var file = InputFile.Open(path);
        return file.DescribeKind() is { } kind ? kind == FileSignature.TensorFlowLite
            : path.EndsWith(".tflite", StringComparison.OrdinalIgnoreCase);
    }

    /// <inheritdoc />
    public OpenedModel Read(string path, ModelReadOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var file = TfLiteFile.Read(path);
        try
        {
            var (graph, weights, notes) = TfLiteNetwork.Of(file);
            if (options.Size is { } size && (size.Height != graph.Input.Shape.Height || size.Width != graph.Input.Shape.Width))
                throw new InvalidInputException(
                    $"its images are {graph.Input.Shape.Height}×{graph.Input.Shape.Width}, found {size.Height}×{size.Width}; a TensorFlow Lite file is made for one size");
            return new OpenedModel(graph, weights) { Card = CardOf(graph), Notes = notes };
        }
        catch (Exception e) when (e is InvalidInputException or ArgumentException or OverflowException)
        {
            throw new InvalidInputException($"'{path}' cannot be read as a network: {OneLine.Clean(e.Message, 300).TrimEnd('.')}.", e);
        }
    }

    // Integers of an image's bytes say what is done to them: byte − zero point steps of the scale. What the file does not say, how images
    // are cut to its size, is as TensorFlow's own examples do it: the middle 87.5 % of the image.
    private static ModelCard? CardOf(Graph graph)
    {
        if (graph.Quantization?.Of(graph.Input) is not { Type: ElementType.U8 or ElementType.I8 } image) return null;
        int channels = graph.Input.Shape.Channels;
        float zero = image.Type == ElementType.U8 ? image.ZeroPoint : image.ZeroPoint - sbyte.MinValue;
        float[] mean = new float[channels], deviation = new float[channels];
        mean.AsSpan().Fill(zero / byte.MaxValue);
        deviation.AsSpan().Fill(1 / (byte.MaxValue * image.Scale));
        var size = graph.Input.Shape;
        return new ModelCard
        {
            Classes = [],
            Preprocessing = new Preprocessing
            {
                Height = size.Height,
                Width = size.Width,
                ResizeTo = (int)Math.Round(Math.Min(size.Height, size.Width) / 0.875),
                Interpolation = Interpolation.Bilinear,
                Mean = [.. mean],
                StandardDeviation = [.. deviation],
            },
        };
    }
}
