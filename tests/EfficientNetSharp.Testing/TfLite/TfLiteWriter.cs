using System.Buffers.Binary;
using Google.FlatBuffers;

namespace EfficientNetSharp.Testing.TfLite;

/// <summary>Writes small TensorFlow Lite files by the numbers of the schema's fields.</summary>
internal sealed class TfLiteWriter
{
    public const sbyte Float32 = 0, Int32 = 2, UInt8 = 3, Int64 = 4, Int16 = 7, Int8 = 9;

    private readonly FlatBufferBuilder _builder = new(4096) { ForceDefaults = true };
    private readonly List<int> _tensors = [], _buffers = [], _operators = [], _codes = [];
    private readonly List<int> _codeNumbers = [];

    public TfLiteWriter() => _buffers.Add(Table(1, _ => { }));

    public static byte[] Ints(params int[] values) => Bytes(values.Length, (bytes, i) => BinaryPrimitives.WriteInt32LittleEndian(bytes, values[i]));

    public static byte[] Floats(params float[] values) => Bytes(values.Length, (bytes, i) => BinaryPrimitives.WriteSingleLittleEndian(bytes, values[i]));

    public int Value(string name, int[] shape, sbyte type, float scale = 0, long zero = 0) =>
        Tensor(name, shape, type, 0, scale == 0 ? null : [scale], scale == 0 ? null : [zero]);

    public int Constant(string name, int[] shape, sbyte type, byte[] data, float[]? scales = null, long[]? zeros = null,
        int axis = 0)
    {
        var bytes = Vector(data.Length, 1, 4, i => _builder.AddByte(data[i]));
        _buffers.Add(Table(1, _ => _builder.AddOffset(0, bytes, 0)));
        return Tensor(name, shape, type, _buffers.Count - 1, scales, zeros, axis);
    }

    public void Convolution(int[] inputs, int output, int padding, int stride, int function, bool isDepthwise) =>
        Operator(isDepthwise ? 4 : 3, inputs, output, Table(7, _ =>
        {
            // A depthwise convolution names its multiplier before the function.
            int at = isDepthwise ? 1 : 0;
            _builder.AddSbyte(0, (sbyte)padding, 0);
            _builder.AddInt(1, stride, 0);
            _builder.AddInt(2, stride, 0);
            if (isDepthwise) _builder.AddInt(3, 1, 0);
            _builder.AddSbyte(3 + at, (sbyte)function, 0);
            _builder.AddInt(4 + at, 1, 0);
            _builder.AddInt(5 + at, 1, 0);
        }));

    public void Pool(int code, int input, int output, bool isSame, int stride, int kernel) =>
        Pool(code, input, output, isSame ? 0 : 1, (stride, stride), (kernel, kernel), function: 0);

    public void Pool(int code, int input, int output, int padding, (int Across, int Down) step, (int Width, int Height) window, int function) =>
        Operator(code, [input], output, Table(6, _ =>
        {
            _builder.AddSbyte(0, (sbyte)padding, 0);
            _builder.AddInt(1, step.Across, 0);
            _builder.AddInt(2, step.Down, 0);
            _builder.AddInt(3, window.Width, 0);
            _builder.AddInt(4, window.Height, 0);
            _builder.AddSbyte(5, (sbyte)function, 0);
        }));

    public void Concatenation(int[] inputs, int output, int axis, int function = 0) => Operator(2, inputs, output, Table(2, _ =>
    {
        _builder.AddInt(0, axis, 0);
        _builder.AddSbyte(1, (sbyte)function, 0);
    }));

    public void Convolution(int[] inputs, int output, sbyte function) => Operator(3, inputs, output, Table(6, _ =>
    {
        _builder.AddInt(1, 1, 0);
        _builder.AddInt(2, 1, 0);
        _builder.AddSbyte(3, function, 0);
        _builder.AddInt(4, 1, 0);
        _builder.AddInt(5, 1, 0);
    }));

    public void Depthwise(int[] inputs, int output) => Operator(4, inputs, output, Table(7, _ =>
    {
        _builder.AddInt(1, 1, 0);
        _builder.AddInt(2, 1, 0);
        _builder.AddInt(3, 1, 0);
        _builder.AddInt(5, 1, 0);
        _builder.AddInt(6, 1, 0);
    }));

    public void AveragePool(int input, int output, int width, int height) =>
        Pool(1, input, output, padding: 1, (1, 1), (width, height), function: 0);

    public void Linear(int[] inputs, int output) => Operator(9, inputs, output, Table(4, _ => { }));

    public void Reshape(int input, int output) => Operator(22, [input], output);

    public void Operator(int code, int[] inputs, int output, int options = 0)
    {
        if (!_codeNumbers.Contains(code))
        {
            _codeNumbers.Add(code);
            _codes.Add(Table(4, _ => _builder.AddInt(3, code, 0)));
        }

        int number = _codeNumbers.IndexOf(code), from = IntVector(inputs), to = IntVector([output]);
        _operators.Add(Table(6, _ =>
        {
            _builder.AddInt(0, number, 0);
            _builder.AddOffset(1, from, 0);
            _builder.AddOffset(2, to, 0);
            if (options != 0) _builder.AddOffset(4, options, 0);
        }));
    }

    public byte[] Finish(int input, int output)
    {
        int tensors = OffsetVector(_tensors), operators = OffsetVector(_operators), inputs = IntVector([input]), outputs = IntVector([output]);
        int graph = Table(5, _ =>
        {
            _builder.AddOffset(0, tensors, 0);
            _builder.AddOffset(1, inputs, 0);
            _builder.AddOffset(2, outputs, 0);
            _builder.AddOffset(3, operators, 0);
        });
        int graphs = OffsetVector([graph]), codes = OffsetVector(_codes), buffers = OffsetVector(_buffers);
        int model = Table(5, _ =>
        {
            _builder.AddInt(0, 3, 0);
            _builder.AddOffset(1, codes, 0);
            _builder.AddOffset(2, graphs, 0);
            _builder.AddOffset(4, buffers, 0);
        });
        _builder.Finish(model, "TFL3");
        return _builder.SizedByteArray();
    }

    private int Tensor(string name, int[] shape, sbyte type, int buffer, float[]? scales, long[]? zeros, int axis = 0)
    {
        int text = _builder.CreateString(name).Value, sides = IntVector(shape), quantization = 0;
        if (scales is not null)
        {
            int steps = Vector(scales.Length, 4, 4, i => _builder.AddFloat(scales[i]));
            int points = Vector(zeros!.Length, 8, 8, i => _builder.AddLong(zeros[i]));
            quantization = Table(7, _ =>
            {
                _builder.AddOffset(2, steps, 0);
                _builder.AddOffset(3, points, 0);
                _builder.AddInt(6, axis, 0);
            });
        }

        _tensors.Add(Table(8, _ =>
        {
            _builder.AddOffset(0, sides, 0);
            _builder.AddSbyte(1, type, 0);
            _builder.AddInt(2, buffer, 0);
            _builder.AddOffset(3, text, 0);
            if (quantization != 0) _builder.AddOffset(4, quantization, 0);
        }));
        return _tensors.Count - 1;
    }

    private int Table(int fields, Action<FlatBufferBuilder> fill)
    {
        _builder.StartTable(fields);
        fill(_builder);
        return _builder.EndTable();
    }

    private int IntVector(int[] values) => Vector(values.Length, 4, 4, i => _builder.AddInt(values[i]));

    private int OffsetVector(List<int> values) => Vector(values.Count, 4, 4, i => _builder.AddOffset(values[i]));

    private int Vector(int length, int size, int alignment, Action<int> add)
    {
        _builder.StartVector(size, length, alignment);
        for (int i = length - 1; i >= 0; i--) add(i);
        return _builder.EndVector().Value;
    }

    private delegate void Writer(Span<byte> bytes, int index);

    private static byte[] Bytes(int count, Writer write)
    {
        var bytes = new byte[count * 4];
        for (int i = 0; i < count; i++) write(bytes.AsSpan(i * 4), i);
        return bytes;
    }
}
