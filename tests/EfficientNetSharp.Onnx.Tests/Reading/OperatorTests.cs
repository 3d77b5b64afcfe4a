using EfficientNetSharp.Graphs;
using EfficientNetSharp.Testing;
using Google.Protobuf;
using static EfficientNetSharp.Onnx.Tests.Reading.SmallFile;

namespace EfficientNetSharp.Onnx.Tests.Reading;

/// <summary>Single operators and their settings, against ONNX Runtime on the same file.</summary>
public sealed class OperatorTests
{
    public static TheoryData<string> Names => [.. Files.Keys];

    private static readonly Dictionary<string, Func<SmallFile>> Files = new()
    {
        ["conv with uneven pads"] = () => new SmallFile().Weight("w", 3, 4, 3, 3)
            .Node("Conv", "x w", "y", Ints("pads", 0, 1, 2, 0), Ints("strides", 2, 2)),
        ["conv same upper"] = () => new SmallFile().Weight("w", 3, 4, 2, 2)
        .Node("Conv", "x w", "y", Text("auto_pad", "SAME_UPPER"), Ints("strides", 2, 2)),
        ["conv same lower"] = () => new SmallFile().Weight("w", 3, 4, 2, 2)
        .Node("Conv", "x w", "y", Text("auto_pad", "SAME_LOWER"), Ints("strides", 1, 1)),
        ["conv valid"] = () => new SmallFile().Weight("w", 3, 4, 3, 3).Node("Conv", "x w", "y", Text("auto_pad", "VALID")),
        ["conv oblong and grouped"] = () => new SmallFile().Weight("w", 6, 2, 1, 3).Weight("b", 6)
        .Node("Conv", "x w b", "y", Int("group", 2), Ints("pads", 0, 1, 0, 1)),
        ["pad before conv"] = () => new SmallFile().Integers("p", 0, 0, 1, 2, 0, 0, 3, 0).Weight("w", 3, 4, 3, 3).Node("Pad", "x p", "q")
        .Node("Conv", "q w", "y", Ints("pads", 1, 1, 1, 1)),
        ["pad by attribute"] = () => new SmallFile(10).Weight("w", 3, 4, 3, 3)
        .Node("Pad", "x", "q", Ints("pads", 0, 0, 1, 2, 0, 0, 3, 0), Float("value", 0)).Node("Conv", "q w", "y"),
        ["pad of chosen axes"] = () => new SmallFile(18).Integers("p", 1, 2).Integers("a", -1).Weight("w", 3, 4, 3, 3)
        .Node("Pad", "x p - a", "q").Node("Conv", "q w", "y"),
        ["pad before pool"] = () => new SmallFile().Integers("p", 0, 0, 1, 1, 0, 0, 1, 1).Node("Relu", "x", "r").Node("Pad", "r p", "q")
        .Node("MaxPool", "q", "y", Ints("kernel_shape", 3, 3), Ints("strides", 2, 2)),
        ["pool rounding up"] = () => new SmallFile()
        .Node("MaxPool", "x", "y", Ints("kernel_shape", 3, 3), Ints("strides", 2, 2), Int("ceil_mode", 1)),
        ["pool same upper"] = () => new SmallFile()
        .Node("MaxPool", "x", "y", Ints("kernel_shape", 3, 3), Ints("strides", 2, 2), Text("auto_pad", "SAME_UPPER")),
        ["average over the map"] = () => new SmallFile().Node("AveragePool", "x", "y", Ints("kernel_shape", 6, 5)),
        ["mean over negative axes"] = () => new SmallFile().Node("ReduceMean", "x", "y", Ints("axes", -1, -2), Int("keepdims", 0)),
        ["mean over axes by input"] = () => new SmallFile(18).Integers("a", 2, 3).Node("ReduceMean", "x a", "y"),
        ["clip by attribute"] = () => new SmallFile(9).Node("Clip", "x", "y", Float("min", 0), Float("max", 6)),
        ["clip to one"] = () => new SmallFile().Floats("a", [], 0).Floats("b", [], 1).Node("Clip", "x a b", "y"),
        ["clip from below"] = () => new SmallFile().Floats("a", [], 0).Node("Clip", "x a", "y"),
        ["minimum after relu"] = () => new SmallFile().Floats("a", [], 6).Node("Relu", "x", "r").Node("Min", "r a", "y"),
        ["hard sigmoid with defaults"] = () => new SmallFile().Node("HardSigmoid", "x", "y"),
        ["hard swish, divided last"] = () => HardSwish().Node("Mul", "x c", "m").Node("Div", "m six", "y"),
        ["hard swish, divided first"] = () => HardSwish().Node("Div", "c six", "d").Node("Mul", "d x", "y"),
        ["hard swish, scaled map"] = () => HardSwish().Node("Div", "x six", "d").Node("Mul", "d c", "y"),
        ["factors and sums a channel"] = () => new SmallFile().Weight("a", 4, 1, 1).Weight("b", 1, 4, 1, 1).Floats("two", [], 2)
        .Node("Mul", "x a", "p").Node("Sub", "b p", "q").Node("Div", "q two", "y"),
        ["slope per channel"] = () => new SmallFile().Weight("a", 4, 1, 1).Node("PRelu", "x a", "y"),
        ["one slope"] = () => new SmallFile().Floats("a", [1], 0.25f).Node("PRelu", "x a", "y"),
        ["gemm with factors"] = () => Pooled().Weight("w", 4, 3).Weight("b", 1, 3)
        .Node("Gemm", "f w b", "y", Float("alpha", 0.5f), Float("beta", 2)),
        ["gemm without bias, transposed"] = () => Pooled().Weight("w", 3, 4).Node("Gemm", "f w", "y", Int("transB", 1)),
        ["product and sum"] = () => Pooled().Weight("w", 4, 3).Weight("b", 3).Node("MatMul", "f w", "m").Node("Add", "b m", "y"),
        ["product with a turned constant"] = () => Pooled().Weight("w", 3, 4).Node("Transpose", "w", "t").Node("MatMul", "f t", "y"),
        ["gate of linear layers"] = () => Pooled().Weight("w", 4, 4).Integers("s", -1, 4, 1, 1).Node("MatMul", "f w", "m")
        .Node("Sigmoid", "m", "g").Node("Reshape", "g s", "h").Node("Mul", "x h", "y"),
        ["linear over a map with channels last"] = () => new SmallFile().Weight("w", 4, 3)
        .Node("Transpose", "x", "t", Ints("perm", 0, 2, 3, 1)).Node("MatMul", "t w", "m")
        .Node("Transpose", "m", "y", Ints("perm", 0, 3, 1, 2)),
        ["flattened map"] = () => new SmallFile().Integers("s", 0, -1).Weight("w", 120, 2).Node("Reshape", "x s", "f")
        .Node("MatMul", "f w", "y"),
        ["squeezed and back"] = () => new SmallFile(11).Node("GlobalAveragePool", "x", "p").Node("Squeeze", "p", "f", Ints("axes", 2, 3))
        .Node("Unsqueeze", "f", "u", Ints("axes", 2, 3)).Node("Mul", "x u", "y"),
        ["nodes out of order"] = () => new SmallFile().Node("Sigmoid", "r", "y").Node("Relu", "x", "r"),
        ["one value twice"] = () => new SmallFile().Node("Relu", "x", "r").Node("Add", "r r", "y"),
    };

    [Theory]
    [MemberData(nameof(Names))]
    public void An_operator_computes_what_it_does_in_another_runtime(string name)
    {
        var file = Files[name]();
        var network = file.Read();
        using var expected = OnnxRuntimeRunner.Load(file.Model.ToByteArray());
        using var actual = new ReferenceRunner(network.Graph, network.Weights);
        float[] images = [.. SyntheticInput.Batch(expected.InputShape, 1, seed: 5).Select(value => 4 * value)];
        Assert.Equal(expected.OutputShape, actual.OutputShape);
        float[][] outputs = [.. new IModelRunner[] { expected,
            actual }.Select(runner => BackendSpecification.RunAll(runner, images, 1)[0])];
        Assert.InRange(RelativeError.OfRows(outputs[1], outputs[0], 1), 0, 1e-6);
        Assert.Contains(outputs[0], value => value != 0);

        using var rewritten = OnnxRuntimeRunner.Create(network.Graph, network.Weights);
        Assert.InRange(RelativeError.OfRows(BackendSpecification.RunAll(rewritten, images, 1)[0], outputs[0], 1), 0, 1e-5);
    }

    [Fact]
    public void Hard_functions_are_recognised_however_they_are_written()
    {
        foreach (string name in Files.Keys.Where(name => name.StartsWith("hard swish", StringComparison.Ordinal)))
        {
            var last = Files[name]().Read().Graph.Output;
            Assert.True(last.Operator is Activation { Kind: ActivationKind.HardSwish }, $"{name}: {last.Operator}");
        }
    }

    [Fact]
    public void Halves_are_widened()
    {
        var file = new SmallFile().Node("Mul", "x h", "y");
        file.Model.Graph.Initializer.Add(new Schema.TensorProto
        {
            Name = "h", DataType = (int)Schema.TensorProto.Types.DataType.Float16, Dims = { 1, 4, 1, 1 },
            // 1, −2, 0.5 and 1/3 in half precision.
            RawData = ByteString.CopyFrom(0x00, 0x3C, 0x00, 0xC0, 0x00, 0x38, 0x55, 0x35),
        });
        var network = file.Read();
        Assert.Equal([1f, -2f, 0.5f, 0.33325195f], network.Weights["my_Mul.weight"].Values);
    }

    private static SmallFile Pooled() => new SmallFile().Node("GlobalAveragePool", "x", "p").Node("Flatten", "p", "f");

    private static SmallFile HardSwish() => new SmallFile().Floats("three", [], 3).Floats("zero", [], 0).Floats("six", [], 6)
        .Node("Add", "x three", "a").Node("Clip", "a zero six", "c");
}
