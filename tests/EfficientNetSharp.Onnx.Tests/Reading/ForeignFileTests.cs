using EfficientNetSharp.Graphs;
using EfficientNetSharp.Testing;

namespace EfficientNetSharp.Onnx.Tests.Reading;

/// <summary>
/// Files that PyTorch 1.13 wrote of small networks of torchvision 0.14 and of hand-written ones, and files with channels last as
/// TensorFlow's have them (Files/README.md). Each is also run as it is, by ONNX Runtime.
/// </summary>
public sealed class ForeignFileTests
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Reading", "Files");

    // ONNX Runtime does not normalise with a batch's own statistics.
    public static TheoryData<string> Names =>
    [
        .. Directory.EnumerateFiles(Folder, "*.onnx").Select(file => Path.GetFileNameWithoutExtension(file))
            .Where(name => !name.Contains("training", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_file_computes_what_it_does_in_another_runtime(string name)
    {
        bool isOpen = name.Contains("any_size", StringComparison.Ordinal);
        var options = isOpen ? new OnnxReadOptions { Height = 41, Width = 38 } : new OnnxReadOptions();
        var network = OnnxReader.Read(PathOf(name), options);
        network.Weights.EnsureFit(network.Graph);
        float[] images = SyntheticInput.Batch(network.Graph.Input.Shape, Batch, seed: 5);
        float[] expected = RunFile(name, options, network, images);

        using var reference = new ReferenceRunner(network.Graph, network.Weights);
        Check(expected, Run(reference, images), network);
        using var rewritten = OnnxRuntimeRunner.Create(network.Graph, network.Weights);
        Check(expected, Run(rewritten, images), network);
    }

    [Theory]
    [InlineData("mobilenet_v2_training_opset13")]
    [InlineData("mobilenet_v2_training_opset14")]
    public void A_file_exported_in_training_is_read_as_inference_and_says_so(string name)
    {
        var network = OnnxReader.Read(PathOf(name));
        Assert.Contains("running statistics", Assert.Single(network.Notes));
        var inference = OnnxReader.Read(PathOf("mobilenet_v2_unfolded_opset14"));
        Assert.Equal(inference.Graph.Nodes.Select(node => node.Operator), network.Graph.Nodes.Select(node => node.Operator));
        // Writing a file in training moved its running statistics.
        var kept = inference.Graph.Parameters.Where(parameter => parameter.IsKernel || parameter.Role == ParameterRole.NormScale);
        Assert.All(kept, parameter => Assert.Equal(inference.Weights[parameter].Values, network.Weights[parameter.Name].Values));
    }

    [Theory]
    [InlineData("spelled_out_unfolded_opset13", "BatchNormalization HardSwish HardSigmoid Silu Gate GlobalAveragePool Relu",
        "Sigmoid Relu6")]
    [InlineData("mobilenet_v3_opset13", "HardSwish HardSigmoid Gate Relu", "Relu6 BatchNormalization")]
    [InlineData("mobilenet_v3_opset14", "HardSwish HardSigmoid Gate Relu", "Relu6 BatchNormalization")]
    [InlineData("efficientnet_unfolded_opset13", "BatchNormalization Silu Sigmoid Gate Add Linear", "Relu")]
    [InlineData("mobilenet_v2_opset11", "Relu6 Add Linear", "BatchNormalization Relu")]
    [InlineData("iresnet_unfolded_opset17", "PRelu BatchNormalization Flatten", "Relu")]
    [InlineData("channels_last_opset15", "BatchNormalization Silu HardSwish Gate MaxPool Linear", "HardSigmoid Relu6")]
    public void Functions_that_a_file_spells_out_become_one_node(string name, string has, string hasNot)
    {
        var kinds = OnnxReader.Read(PathOf(name)).Graph.Nodes
            .Select(node => node.Operator is Activation activation ? $"{activation.Kind}" : node.Operator.GetType().Name).ToHashSet();
        Assert.All(has.Split(' '), kind => Assert.Contains(kind, kinds));
        Assert.All(hasNot.Split(' '), kind => Assert.DoesNotContain(kind, kinds));
    }

    [Fact]
    public void Layers_are_called_as_in_PyTorch()
    {
        var network = OnnxReader.Read(PathOf("efficientnet_unfolded_opset13"));
        Assert.Contains("features.0.0.weight", network.Weights.Keys);
        Assert.Contains("features.0.1.running_mean", network.Weights.Keys);
        Assert.Contains("classifier.1.bias", network.Weights.Keys);
        // torchvision's epsilon and momentum of a plain BatchNorm2d.
        Assert.Contains(network.Graph.Nodes, node => node.Operator is BatchNormalization { Epsilon: 1e-5, Momentum: 0.1 });
    }

    [Fact]
    public void An_open_size_has_to_be_named()
    {
        var error = Assert.Throws<InvalidInputException>(() => OnnxReader.Read(PathOf("efficientnet_any_size_opset17")));
        Assert.EndsWith("cannot be read as a network: the height of its input 'x' is open; name one.", error.Message);
        error = Assert.Throws<InvalidInputException>(
            () => OnnxReader.Read(PathOf("efficientnet_opset13"), new OnnxReadOptions { Height = 64 }));
        Assert.Contains("the height of its input is fixed to 33, found 64", error.Message);
    }

    private const int Batch = 1;

    private static string PathOf(string name) => Path.Combine(Folder, $"{name}.onnx");

    private static float[] RunFile(string name, OnnxReadOptions options, OnnxNetwork network, float[] images)
    {
        using var runner = OnnxRuntimeRunner.Open(PathOf(name), new OnnxRuntimeOptions { Height = options.Height, Width = options.Width });
        bool isChannelsLast = network.Notes.Any(note => note.Contains("[N, H, W, C]", StringComparison.Ordinal));
        return Run(runner, isChannelsLast ? ChannelsLast(images, network.Graph.Input.Shape) : images);
    }

    private static float[] Run(IModelRunner runner, float[] images)
    {
        var output = new float[Batch * runner.OutputShape.Count];
        runner.Run(images, Batch, output);
        return output;
    }

    // A softmax at the end of the file is left out of the network, and done here.
    private static void Check(float[] expected, float[] actual, OnnxNetwork network)
    {
        if (network.Notes.Any(note => note.Contains("softmax", StringComparison.Ordinal)))
        {
            double sum = actual.Sum(value => Math.Exp(value));
            actual = [.. actual.Select(value => (float)(Math.Exp(value) / sum))];
        }

        Assert.InRange(RelativeError.OfRows(actual, expected, Batch), 0, 1e-5);
    }

    private static float[] ChannelsLast(float[] images, TensorShape shape)
    {
        int pixels = (int)shape.Positions;
        return [.. Enumerable.Range(0,
            pixels).SelectMany(pixel => Enumerable.Range(0, shape.Channels).Select(channel => images[(channel * pixels) + pixel]))];
    }
}
