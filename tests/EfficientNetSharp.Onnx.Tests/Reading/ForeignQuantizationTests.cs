using EfficientNetSharp.Arrays;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Models;
using EfficientNetSharp.Onnx.Importing;
using EfficientNetSharp.Testing;
using EfficientNetSharp.Testing.IntegerMath;

namespace EfficientNetSharp.Onnx.Tests.Reading;

/// <summary>
/// Quantized files as other programs write them: the names and places of ONNX Runtime's quantize_static, weights behind a QuantizeLinear,
/// operators on integers. What is read of them is held against ONNX Runtime running the file itself.
/// </summary>
public sealed class ForeignQuantizationTests
{
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void Files_in_the_style_of_quantize_static(bool perChannel, bool hasSigns) =>
        Check(new QuantizedFile { IsPerChannel = perChannel, IsSigned = hasSigns }.WithPairs(), integerLayers: 8);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Operators_on_integers(bool perChannel) =>
        Check(new QuantizedFile { IsPerChannel = perChannel, IsSigned = perChannel }.WithOperators(), integerLayers: 8);

    [Fact]
    public void Kernels_rounded_in_the_file() => Check(new QuantizedFile { RoundsKernelsInFile = true, IsPerChannel = true }.WithPairs(), integerLayers: 8);

    [Fact]
    public void A_bias_in_floats() => Check(new QuantizedFile { HasFloatBias = true }.WithPairs(), integerLayers: 8);

    [Fact]
    public void Every_taker_with_a_pair_of_its_own() => Check(new QuantizedFile { HasOwnPairs = true }.WithPairs(), integerLayers: 8);

    [Fact]
    public void Bytes_around_their_middle_per_channel_are_int8() =>
        Check(new QuantizedFile { IsPerChannel = true, KernelZero = 128 }.WithPairs(), integerLayers: 8);

    [Fact]
    public void What_no_plan_has_is_taken_as_floats_and_noted()
    {
        var network = Check(new QuantizedFile { IsPerChannel = true, KernelZero = 120 }.WithPairs(), integerLayers: 4);
        Assert.Contains(network.Notes, note => note.Contains("my_Conv", StringComparison.Ordinal));
    }

    [Fact]
    public void A_softmax_rounded_at_the_end() => Check(new QuantizedFile { EndsWithSoftmax = true }.WithPairs(), integerLayers: 8);

    [Fact]
    public void An_import_is_a_model_with_its_plan()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["n.onnx"], new QuantizedFile { IsPerChannel = true }.WithPairs());
        var imported = OnnxImporter.Import(folder["n.onnx"]);
        Assert.NotNull(imported.Graph.Quantization);
        Assert.Equal(NodeRole.Classifier, imported.Graph.Output.Role);
        imported.Weights.EnsureFit(imported.Graph);
    }

    [Theory]
    [InlineData("axis-values", "one scale for a value of the network")]
    [InlineData("other-scale", "the scale and zero point of the QuantizeLinear before it")]
    [InlineData("zero-scale", "positive scales")]
    [InlineData("blocks", "one scale for a slice of a tensor")]
    [InlineData("integers-added", "floats as input")]
    [InlineData("computed-scale", "a constant as input 1")]
    [InlineData("zero-type", "by its zero point")]
    public void What_cannot_be_read_is_refused_by_name(string damage, string expected)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["n.onnx"], new QuantizedFile { Damage = damage }.WithPairs());
        var error = Assert.Throws<InvalidInputException>(() => OnnxReader.Read(folder["n.onnx"]));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    private static OnnxNetwork Check(byte[] bytes, int integerLayers)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["n.onnx"], bytes);
        var network = OnnxReader.Read(folder["n.onnx"]);
        var plan = network.Graph.Quantization;
        Assert.NotNull(plan);
        var nodes = network.Graph.Nodes;
        Assert.Equal(integerLayers, nodes.Count(node => node.Operator is Convolution or Linear or Add or Gate or GlobalAveragePool
            && plan.ComputesInIntegers(network.Graph, node)));

        using var file = OnnxRuntimeRunner.Open(folder["n.onnx"], new OnnxRuntimeOptions { Threads = 1, Optimizes = false });
        using var reference = new IntegerReferenceRunner(network.Graph, network.Weights);
        float[] input = SyntheticInput.Batch(network.Graph.Input.Shape, 1, 5);
        float[] ours = new float[network.Graph.Output.Shape.Count], theirs = new float[ours.Length];
        ((IModelRunner)file).Run(input, 1, theirs);
        ((IModelRunner)reference).Run(input, 1, ours);
        if (network.EndsWithSoftmax)
        {
            double sum = ours.Sum(value => Math.Exp(value));
            ours = [.. ours.Select(value => (float)(Math.Exp(value) / sum))];
        }

        double step = network.EndsWithSoftmax ? 1.0 / 256 : plan.Of(network.Graph.Output)!.Scale;
        for (int i = 0; i < ours.Length; i++) Assert.InRange(Math.Abs(ours[i] - theirs[i]) / step, 0, 1.01);
        return network;
    }
}
