using System.Collections.Immutable;
using EfficientNetSharp.Graphs;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EfficientNetSharp.Onnx;

/// <summary>What an ONNX network takes and yields, checked to be a batch of images and rows or maps for them.</summary>
/// <param name="InputNames">The input's name, as a list of one.</param>
/// <param name="OutputNames">The outputs' names; the first is the result.</param>
/// <param name="Batch">Images that it takes at once; <see langword="null"/> for any number.</param>
/// <param name="Input">Shape of an image.</param>
/// <param name="Outputs">Shape of a row of each output; <see langword="null"/> where the file leaves it open.</param>
internal sealed record SessionSignature(
    string[] InputNames, string[] OutputNames, int? Batch, TensorShape Input, ImmutableArray<TensorShape?> Outputs)
{
    /// <summary>Reads a session's.</summary>
    /// <exception cref="InvalidInputException">It is another kind of network, or the options name a size that it does not take.</exception>
    public static SessionSignature Of(InferenceSession session, string source, OnnxRuntimeOptions options)
    {
        if (session.InputNames.Count != 1 || session.OutputNames.Count < 1)
        {
            throw new InvalidInputException(
                $"{source} is expected to have one input and an output, found {session.InputNames.Count} and {session.OutputNames.Count}; use another file.");
        }

        string inputName = session.InputNames[0];
        var input = Dimensions(session.InputMetadata[inputName], "input", source);
        if (input.Length != 4 || input[1] < 1)
            throw new InvalidInputException($"{source} is expected to take images [N,C,H,W], found [{Show(input)}]; use another file.");
        int height = Side(input[2], options.Height, "height", source), width = Side(input[3], options.Width, "width", source);
        // The first output is the result and has to be rows or maps; of the others those that are not are left aside.
        var first = Dimensions(session.OutputMetadata[session.OutputNames[0]], "output", source);
        var outputs = session.OutputNames.Skip(1)
            .Select(name => (Name: name, Value: session.OutputMetadata[name]))
            .Where(output => IsRows(output.Value, input[0]))
            .Select(output => (output.Name, output.Value.Dimensions))
            .Prepend((session.OutputNames[0], first))
            .ToArray();
        return new SessionSignature(
            [inputName], [.. outputs.Select(output => output.Item1)], input[0] > 0 ? input[0] : null,
            TensorShape.Map(input[1], height, width),
            [.. outputs.Select(output => ShapeOf([.. output.Item2.Select(dimension => (long)dimension)], source))]);
    }

    // A row or map for each image: constants, such as a detector's anchors, and other types are not.
    private static bool IsRows(NodeMetadata value, int batch) =>
        value.OnnxValueType == OnnxValueType.ONNX_TYPE_TENSOR && value.ElementDataType == TensorElementType.Float
        && value.Dimensions.Length is 2 or 4 && (value.Dimensions[0] < 1 || value.Dimensions[0] == batch);

    /// <summary>The shape of one row of an output; <see langword="null"/> where a dimension but the first is open.</summary>
    /// <exception cref="InvalidInputException">It is neither rows nor maps.</exception>
    public static TensorShape? ShapeOf(ReadOnlySpan<long> dimensions, string source)
    {
        foreach (long dimension in dimensions[Math.Min(1, dimensions.Length)..])
        {
            if (dimension is < 1 or > int.MaxValue) return null;
        }

        return dimensions.Length switch
        {
            2 => TensorShape.Vector((int)dimensions[1]),
            4 => TensorShape.Map((int)dimensions[1], (int)dimensions[2], (int)dimensions[3]),
            _ => throw new InvalidInputException(
            $"{source} is expected to yield [N,C] or [N,C,H,W], found {dimensions.Length} dimensions; use another file."),
        };
    }

    private static int[] Dimensions(NodeMetadata value, string what, string source)
    {
        if (value.OnnxValueType != OnnxValueType.ONNX_TYPE_TENSOR || value.ElementDataType != TensorElementType.Float)
            throw new InvalidInputException(
                $"{source} is expected to have an {what} of float32 values, found other data; use another file.");
        return value.Dimensions;
    }

    private static int Side(int inFile, int? wanted, string name, string source)
    {
        if (wanted is < 1 or > TensorShape.MaxSide)
            throw new InvalidInputException($"The {name} is expected to be 1 to {TensorShape.MaxSide} pixels, found {wanted}.");
        if (inFile < 1)
            return wanted ?? throw new InvalidInputException($"{source} takes images of any size; name the {name} in pixels.");
        return wanted is null || wanted == inFile
            ? inFile
            : throw new InvalidInputException($"{source} takes images of {name} {inFile}, not {wanted}; export it for that size.");
    }

    private static string Show(int[] dimensions) => string.Join(", ", dimensions.Select(dimension => dimension < 1 ? "?" : $"{dimension}"));
}
