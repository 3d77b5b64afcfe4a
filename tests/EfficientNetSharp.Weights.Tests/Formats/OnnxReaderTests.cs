using EfficientNetSharp.Tests.Files;
using EfficientNetSharp.Weights.Formats;
using static EfficientNetSharp.Weights.Tests.Formats.FormatGolden;

namespace EfficientNetSharp.Weights.Tests.Formats;

public sealed class OnnxReaderTests
{
    [Fact]
    public void Initializers_of_all_number_types_are_read()
    {
        using var file = WeightFile.Open(At("onnx_layers.onnx"));
        Assert.Equal(WeightFormat.Onnx, file.Format);
        AssertHolds(
            file,
            ("onnx::Conv_12", [4, 3, 1, 1], Grid(12, 0)),
            ("onnx::Conv_13", [4], Grid(4, 1)),
            ("gamma", [4], Grid(4, 2)),
            ("beta", [4], Grid(4, 3)),
            ("mean", [4], Grid(4, 4)),
            ("var", [4], Grid(4, 5)),
            ("slope", [4, 1, 1], Grid(4, 6)),
            ("matrix", [2, 2], Grid(4, 7)),
            ("bias", [2], Grid(2, 8)),
            ("classifier.weight", [3, 2], Grid(6, 9)),
            ("classifier.bias", [3], Grid(3, 10)),
            ("typed_float", [3], [1, 2.5f, -3]),
            ("typed_double", [3], [1, 2.5f, -3]),
            ("typed_int64", [3], [1, -2, 3]),
            ("typed_int8", [3], [1, -2, 3]),
            ("typed_uint64", [3], [1, 2, 3]),
            ("typed_half", [3], [1, 2.5f, -3]),
            ("typed_bool", [3], [1, 0, 1]),
            ("typed_bfloat16", [3], [1, 2.5f, -3]),
            ("constant_kernel", [4, 1, 1, 1], Grid(4, 5)));
        Assert.Equal("a,b,c", file.Metadata["classes"]);
        Assert.Equal("helper", file.Metadata["producer_name"]);
    }

    [Fact]
    public void Layers_come_in_the_graph_s_order_with_their_weights()
    {
        using var file = WeightFile.Open(At("onnx_layers.onnx"));
        Assert.Equal(
            [
                "Conv /stem/Conv: onnx::Conv_12 onnx::Conv_13 (1, 1E-05, False)",
                "BatchNormalization : gamma beta mean var (1, 0.001, False)",
                "PRelu : slope (1, 1E-05, False)",
                "Conv : constant_kernel (4, 1E-05, False)",
                "MatMul : matrix bias (1, 1E-05, False)",
                "Gemm : classifier.weight classifier.bias (1, 1E-05, True)",
            ],
            file.OnnxLayers.Select(layer => FormattableString.Invariant(
                $"{layer.Operator} {layer.Name}: {string.Join(' ', layer.Weights)} ({layer.Groups}, {layer.Epsilon}, {layer.TransposeB})")));
    }

    [Fact]
    public void An_export_of_PyTorch_with_folded_normalisations_pairs_by_order()
    {
        using var file = WeightFile.Open(At("onnx_torch_export.onnx"));
        Assert.Equal(["Conv", "Conv", "Gemm"], file.OnnxLayers.Select(layer => layer.Operator));
        Assert.Equal([1, 2, 1], file.OnnxLayers.Select(layer => layer.Groups));
        var byName = file.Tensors.ToDictionary(tensor => tensor.Name);
        Assert.Equal([[2, 3, 1, 1], [2]], file.OnnxLayers[0].Weights.Select(name => byName[name].Shape.ToArray()));
        Assert.Equal(["depthwise.weight", "depthwise.bias"], file.OnnxLayers[1].Weights);
        Assert.Equal(["classifier.weight", "classifier.bias"], file.OnnxLayers[2].Weights);
        // Folding multiplies by gamma / √(1 + 1e-5); gamma is 1, 1.125 and the kernel starts with 0, 0.125, …
        Assert.Equal(0.125 / Math.Sqrt(1.00001), byName[file.OnnxLayers[0].Weights[0]].ReadTensor().Values[1], 1e-6);
    }

    [Fact]
    public void Values_in_a_file_beside_the_model_are_read()
    {
        using var file = WeightFile.Open(At("onnx_external.onnx"));
        AssertHolds(file, ("onnx::Conv_12", [4, 3, 1, 1], Grid(12, 0)), ("onnx::Conv_13", [4], Grid(4, 1)));
    }

    [Theory]
    [InlineData("onnx_escape.onnx", "'../secret.bin'")]
    [InlineData("onnx_absolute.onnx", "'/etc/passwd'")]
    public void Files_elsewhere_are_not_opened(string name, string location) => HostileInput.AssertRefused(() => WeightFile.Open(At(name)), location);

    [Fact]
    public void A_missing_file_of_values_is_named()
    {
        using var folder = new TemporaryFolder();
        File.Copy(At("onnx_external.onnx"), folder["a.onnx"]);
        HostileInput.AssertRefused(() => WeightFile.Open(folder["a.onnx"]), "onnx_external.bin");
    }
}
