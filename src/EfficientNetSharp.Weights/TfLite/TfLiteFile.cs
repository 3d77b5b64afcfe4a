using System.Collections.Immutable;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Files;
using Google.FlatBuffers;

namespace EfficientNetSharp.Weights.TfLite;

/// <summary>A tensor of a file: of values that flow, or of constants.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Shape">Dimensions; maps are [1,H,W,C].</param>
/// <param name="Type">Number of the element type (<see cref="TfLiteSchema"/>).</param>
/// <param name="Scales">What steps of integers are worth; empty for floats.</param>
/// <param name="ZeroPoints">The integers that stand for 0.</param>
/// <param name="Axis">The dimension that several scales belong to.</param>
/// <param name="Data">Bytes of a constant; empty for values.</param>
internal sealed record TfLiteTensor(
    string Name, int[] Shape, int Type, float[] Scales, long[] ZeroPoints, int Axis, Lazy<byte[]> Data)
{
    public bool IsConstant => Data.Value.Length > 0;

    /// <summary>The integers' type; <see langword="null"/> for floats.</summary>
    public ElementType? IntegerType => Type switch
    {
        TfLiteSchema.UInt8 => ElementType.U8,
        TfLiteSchema.Int8 => ElementType.I8,
        TfLiteSchema.Int16 => ElementType.I16,
        TfLiteSchema.Int32 => ElementType.I32,
        TfLiteSchema.Int64 => ElementType.I64,
        _ => null,
    };
}

/// <summary>One step of a file's network.</summary>
/// <param name="Code">Number of the operator.</param>
/// <param name="Inputs">Positions of tensors; −1 where an optional one is left out.</param>
/// <param name="Outputs">Positions of tensors.</param>
/// <param name="Options">The operator's options; <see langword="null"/> where it has none.</param>
internal sealed record TfLiteOperator(int Code, int[] Inputs, int[] Outputs, FlatTable? Options)
{
    public string Name => TfLiteSchema.NameOf(Code);
}

/// <summary>The contents of a TensorFlow Lite file, which may be anything.</summary>
internal sealed class TfLiteFile
{
    // TensorFlow's converter writes version 3 since 2018.
    private const int SchemaVersion = 3;

    private TfLiteFile(ImmutableArray<TfLiteTensor> tensors, ImmutableArray<TfLiteOperator> operators, int[] inputs, int[] outputs) =>
        (Tensors, Operators, Inputs, Outputs) = (tensors, operators, inputs, outputs);

    public ImmutableArray<TfLiteTensor> Tensors { get; }

    public ImmutableArray<TfLiteOperator> Operators { get; }

    public int[] Inputs { get; }

    public int[] Outputs { get; }

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidInputException">It cannot be read, is another kind of file or is damaged.</exception>
    public static TfLiteFile Read(string path)
    {
        byte[] bytes = InputFile.ReadAllBytes(path);
        if (FileSignature.Describe(bytes.AsSpan(0, Math.Min(bytes.Length, FileSignature.UsefulBytes))) is var kind
            && kind != FileSignature.TensorFlowLite)
            throw new InvalidInputException($"'{path}' is expected to be a TensorFlow Lite file, and is {kind ?? "of no known kind"}.");
        try
        {
            return Read(FlatTable.Root(new ByteBuffer(bytes)), bytes.Length);
        }
        catch (Exception e) when (e is ArgumentException or IndexOutOfRangeException or OverflowException)
        {
            throw new InvalidInputException($"'{path}' is not a usable TensorFlow Lite file: it is cut short or damaged; fetch it again.", e);
        }
        catch (InvalidInputException e)
        {
            throw new InvalidInputException($"'{path}' is not a usable TensorFlow Lite file: {e.Message}", e);
        }
    }

    private static TfLiteFile Read(FlatTable model, int length)
    {
        if (model.Int(0) != SchemaVersion)
            throw new InvalidInputException($"its schema has version {model.Int(0)}, expected {SchemaVersion}; convert it again.");
        var graphs = model.Tables(2);
        if (graphs.Length == 0) throw new InvalidInputException("it has no network.");
        var buffers = model.Tables(4);
        int[] codes = [.. model.Tables(1).Select(code => Math.Max(code.Int(3), code.Byte(0)))];
        var tables = graphs[0].Tables(0);
        // Every tensor takes bytes of its own; tables that point to each other again and again would not.
        if (tables.Length > length / 8) throw new InvalidInputException($"it names {tables.Length} tensors, more than its length justifies.");
        ImmutableArray<TfLiteTensor> tensors = [.. tables.Select((tensor, index) => ReadTensor(tensor, index, buffers))];
        ImmutableArray<TfLiteOperator> operators = [.. graphs[0].Tables(3).Select(op => ReadOperator(op, codes, tensors.Length))];
        return new TfLiteFile(tensors, operators, Positions(graphs[0].Ints(1), tensors.Length), Positions(graphs[0].Ints(2), tensors.Length));
    }

    private static TfLiteTensor ReadTensor(FlatTable tensor, int index, FlatTable[] buffers)
    {
        var quantization = tensor.Table(4);
        int buffer = tensor.Int(2);
        return new TfLiteTensor(
            NameOf(tensor.Text(3), index),
            tensor.Ints(0), tensor.Byte(1),
            quantization?.Floats(2) ?? [], quantization?.Longs(3) ?? [], quantization?.Int(6) ?? 0,
            new Lazy<byte[]>(() => (uint)buffer < (uint)buffers.Length ? buffers[buffer].Bytes(0) : []));
    }

    // Where the converter fused operators it joined their names; the first is the layer's.
    private static string NameOf(string? name, int index) =>
        OneLine.Clean(name?.Split(';')[0] ?? "", 200) is { Length: > 0 } clean ? clean : $"tensor{index}";

    private static TfLiteOperator ReadOperator(FlatTable op, int[] codes, int tensors)
    {
        int code = op.Int(0);
        if ((uint)code >= (uint)codes.Length) throw new InvalidInputException($"it names operator code {code} of {codes.Length}.");
        return new TfLiteOperator(codes[code], Positions(op.Ints(1), tensors), Positions(op.Ints(2), tensors), op.Table(4));
    }

    private static int[] Positions(int[] positions, int count) => Array.TrueForAll(positions, position => position >= -1 && position < count)
        ? positions
        : throw new InvalidInputException($"it names a tensor beyond its {count}.");
}
