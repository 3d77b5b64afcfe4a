using EfficientNetSharp.Graphs;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EfficientNetSharp.Onnx;

/// <summary>What an ONNX network takes and yields, checked to be a batch of pictures and one output.</summary>
/// <param name="InputNames">The input's name, as a list of one.</param>
/// <param name="OutputNames">The output's name, as a list of one.</param>
/// <param name="Batch">Pictures that it takes at once; <see langword="null"/> for any number.</param>
/// <param name="Input">Shape of a picture.</param>
/// <param name="Output">Shape of an output row; <see langword="null"/> where the file leaves it open.</param>
internal sealed record SessionSignature(string[] InputNames, string[] OutputNames, int? Batch, TensorShape Input, TensorShape? Output)
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

        // The first output is the result; others, such as embeddings beside logits, are not computed.
        string inputName = session.InputNames[0], outputName = session.OutputNames[0];
        var input = Dimensions(session.InputMetadata[inputName], "input", source);
        var output = Dimensions(session.OutputMetadata[outputName], "output", source);
        if (input.Length != 4 || input[1] < 1)
            throw new InvalidInputException($"{source} is expected to take pictures [N,C,H,W], found [{Show(input)}]; use another file.");
        int height = Side(input[2], options.Height, "height", source), width = Side(input[3], options.Width, "width", source);
        return new SessionSignature(
            [inputName], [outputName], input[0] > 0 ? input[0] : null, TensorShape.Map(input[1], height, width),
            ShapeOf([.. output.Select(dimension => (long)dimension)], source));
    }

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
            _ => throw new InvalidInputException($"{source} is expected to yield [N,C] or [N,C,H,W], found {dimensions.Length} dimensions; use another file."),
        };
    }

    private static int[] Dimensions(NodeMetadata value, string what, string source)
    {
        if (value.OnnxValueType != OnnxValueType.ONNX_TYPE_TENSOR || value.ElementDataType != TensorElementType.Float)
            throw new InvalidInputException($"{source} is expected to have an {what} of float32 values, found other data; use another file.");
        return value.Dimensions;
    }

    private static int Side(int inFile, int? wanted, string name, string source)
    {
        // As in the core's graphs: a longer side is a slip, and would ask for memory without end.
        const int MostPixels = 65_536;
        if (wanted is < 1 or > MostPixels) throw new InvalidInputException($"The {name} is expected to be 1 to {MostPixels} pixels, found {wanted}.");
        if (inFile < 1)
            return wanted ?? throw new InvalidInputException($"{source} takes pictures of any size; name the {name} in pixels.");
        return wanted is null || wanted == inFile
            ? inFile
            : throw new InvalidInputException($"{source} takes pictures of {name} {inFile}, not {wanted}; export it for that size.");
    }

    private static string Show(int[] dimensions) => string.Join(", ", dimensions.Select(dimension => dimension < 1 ? "?" : $"{dimension}"));
}
