using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using EfficientNetSharp.Data;
using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Transforms;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Imaging.Transforms;
using EfficientNetSharp.Models;
using EfficientNetSharp.Onnx;

namespace EfficientNetSharp.Quantization.Handover;

/// <summary>
/// All that RKNN-Toolkit 1.7 is given to make a file for RV1126, RV1109, RK1808 or RK3399Pro: the network in floats as ONNX of operator
/// set 12, calibration images cut to the network's size, the plan's ranges and types as its file of hybrid quantization, a driver script,
/// a README and a report of what the chip does with each operator.
/// </summary>
/// <remarks>
/// A quantized model is written with the numbers that its integers stand for, so that the toolkit, given the same scales, makes the same
/// integers of them. The toolkit is closed, and no bundle has been built by it here: what it takes is checked against its documents' rules.
/// </remarks>
public static class RknnBundle
{
    // An image of the list is what the network sees before normalisation: three channels of bytes.
    private const int ImageChannels = 3;

    /// <summary>
    /// What keeps every plan of a network from being handed over, in a sentence, so that it is known before one is made;
    /// <see langword="null"/> where nothing does. In floats any network is.
    /// </summary>
    /// <param name="graph">The network.</param>
    public static string? WhyNotInIntegers(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        return RknnRules.WhyNotStatable(graph);
    }

    /// <summary>Writes the bundle.</summary>
    /// <param name="model">A model, quantized for RKNN or of floats; a float one is left to the toolkit's own calibration.</param>
    /// <param name="images">The calibration images.</param>
    /// <param name="folder">The folder, which is made.</param>
    /// <param name="name">What the files are called; letters, digits, dots, dashes and underscores.</param>
    /// <returns>What the chip does with the network.</returns>
    /// <exception cref="InvalidInputException">
    /// The plan is none that the toolkit can state, the model takes other than three channels, an image cannot be read, or the folder cannot be
    /// written.
    /// </exception>
    public static DeviceOperators Write(Model model, IImageDataset images, string folder, string name)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (images.Count == 0) throw new InvalidInputException("RKNN-Toolkit calibrates with images, and there are none; name some.");
        if (model.Graph.Input.Shape.Channels != ImageChannels)
            throw new InvalidInputException(
                $"A list of images is for networks of {ImageChannels} channels, and this one takes {model.Graph.Input.Shape.Channels}; export it as ONNX.");
        name = string.Concat(name.Select(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_' ? character : '_'));
        var plan = model.Graph.Quantization;
        if (plan is not null) RknnRules.EnsureStatable(model.Graph, plan);
        var (graph, weights) = InferenceTransform.Apply(model.Graph, model.Weights);
        var operators = DeviceOperators.Of(graph, weights);
        var (floats, floatWeights) = DequantizeTransform.Apply(graph, weights);

        OutputFolder.Create(Path.Combine(folder, "images"));
        OnnxExporter.Export(
            model with { Graph = floats, Weights = floatWeights }, Path.Combine(folder, $"{name}.onnx"),
            new OnnxExportOptions { OpsetVersion = RknnRules.Opset, DynamicBatch = false, Pooling = PoolingForm.GlobalAveragePool });
        WriteImages(model.Card.Preprocessing, images, folder);
        if (plan is not null)
            AtomicFile.WriteText(Path.Combine(folder, $"{name}.ranges.cfg"), RknnConfiguration.Write(graph, plan));
        AtomicFile.WriteText(Path.Combine(folder, "convert.py"), Script(model, name, images.Count));
        var report = operators.ToReport($"{name} on RV1126");
        AtomicFile.WriteText(Path.Combine(folder, "operators.txt"), report.ToText());
        AtomicFile.WriteText(Path.Combine(folder, "operators.html"), report.ToHtml());
        AtomicFile.WriteText(Path.Combine(folder, "operators.json"), operators.ToJson());
        AtomicFile.WriteText(Path.Combine(folder, "README.md"), Readme(name, plan is not null));
        return operators;
    }

    // As the network sees them, so that the toolkit has nothing to crop or to resize, which it does by rules of its own.
    private static void WriteImages(Preprocessing preprocessing, IImageDataset images, string folder)
    {
        var transform = new EvaluationTransform(preprocessing);
        var buffer = new EncodedBuffer();
        var list = new StringBuilder();
        for (int i = 0; i < images.Count; i++)
        {
            images.ReadEncoded(i, buffer);
            using var image = transform.Render(buffer.Bytes, images.NameOf(i));
            string path = string.Create(CultureInfo.InvariantCulture, $"images/{i:D4}.png");
            byte[] png = ImageEncoder.EncodePng(image);
            AtomicFile.Write(Path.Combine(folder, path), stream => stream.Write(png));
            list.Append(path).Append('\n');
        }

        AtomicFile.WriteText(Path.Combine(folder, "dataset.txt"), list.ToString());
    }

    // The constants that the script begins with; JSON's texts and lists are Python's, too.
    private static string Script(Model model, string name, int images)
    {
        var preprocessing = model.Card.Preprocessing;
        string List(IEnumerable<float> values) =>
            $"[[{string.Join(", ", values.Select(value => NumberText.Of(Math.Round(value * (double)byte.MaxValue, 4))))}]]";
        string method = model.Graph.Quantization is { } plan ? RknnConfiguration.MainMethod(model.Graph, plan) : "asymmetric_affine-u8";
        return Resource("convert.py")
            .Replace("@NAME@", $"\"{JsonEncodedText.Encode(name)}\"", StringComparison.Ordinal)
            .Replace("@MEAN@", List(preprocessing.Mean), StringComparison.Ordinal)
            .Replace("@STD@", List(preprocessing.StandardDeviation), StringComparison.Ordinal)
            .Replace("@CHANNELS@", preprocessing.Channels == ChannelOrder.Bgr ? "\"2 1 0\"" : "\"0 1 2\"", StringComparison.Ordinal)
            .Replace("@METHOD@", $"\"{method}\"", StringComparison.Ordinal)
            .Replace("@IMAGES@", images.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("@HYBRID@", model.Graph.Quantization is null ? "False" : "True", StringComparison.Ordinal);
    }

    private static string Readme(string name, bool isQuantized) => Resource(isQuantized ? "README.quantized.md" : "README.float.md")
        .Replace("@NAME@", name, StringComparison.Ordinal);

    private static string Resource(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Rknn.{name}")
            ?? throw new InvalidOperationException($"The assembly has no {name}.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
