using EfficientNetSharp.Graphs;
using EfficientNetSharp.Testing;

namespace EfficientNetSharp.Onnx.Tests.Reading;

/// <summary>
/// Files that PyTorch 1.13 wrote of small networks of torchvision 0.14 and of hand-written ones, and files with channels last as
/// TensorFlow's have them: see Files/README.md. Each is also run as it is, by ONNX Runtime.
/// </summary>
public sealed class ForeignFileTests
{
    public static TheoryData<string> Names => [.. Directory.EnumerateFiles(Folder, "*.onnx").Select(file => Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal)];

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Reading", "Files");

    [Theory]
    [MemberData(nameof(Names))]
    public void A_file_computes_what_it_does_in_another_runtime(string name)
    {
        // ONNX Runtime does not train, and the test below is for channels last.
        if (name.Contains("training", StringComparison.Ordinal) || name.StartsWith("channels_last", StringComparison.Ordinal)) return;
        var options = name.Contains("any_size", StringComparison.Ordinal) ? new OnnxReadOptions { Height = 41, Width = 38 } : null;
        var network = OnnxReader.Read(PathOf(name), options);
        network.Weights.EnsureFit(network.Graph);
        using var expected = OnnxRuntimeRunner.Open(PathOf(name), new OnnxRuntimeOptions { Height = options?.Height, Width = options?.Width });
        using var reference = new ReferenceRunner(network.Graph, network.Weights);
        Check(expected, reference, network);
        // Another backend too, by way of our own writer.
        using var rewritten = OnnxRuntimeRunner.Create(network.Graph, network.Weights);
        Check(expected, rewritten, network);
    }
}
