using System.Runtime.InteropServices;
using EfficientNetSharp.Onnx.Schema;
using Google.Protobuf;
using static EfficientNetSharp.Onnx.Schema.AttributeProto.Types;

namespace EfficientNetSharp.Onnx.Tests.Reading;

/// <summary>An ONNX file put together node by node: input <c>x</c> [N,4,6,5] unless said otherwise, output <c>y</c>.</summary>
internal sealed class SmallFile
{
    private readonly HashSet<string> _types = [];

    public SmallFile(int opset = 13, params long[] input)
    {
        Model = new ModelProto
        {
            IrVersion = 8,
            OpsetImport = { new OperatorSetIdProto { Domain = "", Version = opset } },
            Graph = new GraphProto { Name = "g" },
        };
        if (input.Length == 0) input = [1, 4, 6, 5];
        Model.Graph.Input.Add(Value("x", input));
        Model.Graph.Output.Add(Value("y", null));
    }

    public ModelProto Model { get; }

    public SmallFile Node(string type, string inputs, string output, params AttributeProto[] attributes)
    {
        bool isFirst = _types.Add(type);
        Model.Graph.Node.Add(new NodeProto
        {
            OpType = type,
            Name = isFirst ? $"my_{type}" : $"my_{type}_to_{output}",
            Input = { inputs.Split(' ').Select(name => name == "-" ? "" : name) },
            Output = { output },
            Attribute = { attributes },
        });
        return this;
    }

    public SmallFile Floats(string name, long[] dims, params float[] values)
    {
        Model.Graph.Initializer.Add(new TensorProto
        {
            Name = name, DataType = (int)TensorProto.Types.DataType.Float, Dims = { dims },
                RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan())),
        });
        return this;
    }

    /// <summary>Values −1, −0.75, −0.5 … 1 over and over.</summary>
    public SmallFile Weight(string name, params long[] dims) =>
        Floats(name, dims, [.. Enumerable.Range(0, (int)dims.Aggregate(1L, (a, b) => a * b)).Select(i => ((i * 7 % 9) - 4) / 4f)]);

    public SmallFile Integers(string name, params long[] values)
    {
        Model.Graph.Initializer.Add(
            new TensorProto { Name = name, DataType = (int)TensorProto.Types.DataType.Int64, Dims = { values.Length },
            Int64Data = { values } });
        return this;
    }

    public OnnxNetwork Read(OnnxReadOptions? options = null)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["f.onnx"], Model.ToByteArray());
        return OnnxReader.Read(folder["f.onnx"], options);
    }

    public static AttributeProto Ints(string name, params long[] values) => new()
    {
        Name = name,
        Type = AttributeType.Ints,
        Ints = { values },
    };

    public static AttributeProto Int(string name, long value) => new() { Name = name, Type = AttributeType.Int, I = value };

    public static AttributeProto Float(string name, float value) => new() { Name = name, Type = AttributeType.Float, F = value };

    public static AttributeProto Text(string name, string value) => new()
    {
        Name = name,
        Type = AttributeType.String,
        S = ByteString.CopyFromUtf8(value),
    };

    private static ValueInfoProto Value(string name, long[]? dims)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float };
        if (dims is not null)
        {
            tensor.Shape = new TensorShapeProto();
            foreach (long dim in dims) tensor.Shape.Dim.Add(dim < 0 ? new TensorShapeProto.Types.Dimension { DimParam = "n" }
                : new() { DimValue = dim });
        }

        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }
}
