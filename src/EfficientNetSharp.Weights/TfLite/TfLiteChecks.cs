using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;

namespace EfficientNetSharp.Weights.TfLite;

/// <summary>What a file states twice, once by an operator and once by its tensors: both have to say the same.</summary>
internal static class TfLiteChecks
{
    /// <summary>Checks that a value has the shape that the file states for it.</summary>
    /// <param name="tensor">The file's tensor; one without dimensions states none.</param>
    /// <param name="shape">What its operator yields; a map of one position is a vector as well.</param>
    /// <exception cref="InvalidInputException">The file states another.</exception>
    public static void EnsureShape(TfLiteTensor tensor, TensorShape shape)
    {
        bool isStated = tensor.Shape switch
        {
            [] => true,
            [1, var height, var width, var channels] when shape.Positions > 1 => shape == TensorShape.Map(channels, height, width),
            [.. var ones, var channels] => shape.Positions == 1 && channels == shape.Channels && Array.TrueForAll(ones, side => side == 1),
        };
        if (!isStated) throw new InvalidInputException(
            $"{OneLine.Quote(tensor.Name)} is stated as [{string.Join(", ", tensor.Shape)}], where the operator makes {ShapeOf(shape)}");
    }

    /// <summary>Checks that integers which an operator hands on as they are, or whose mean it takes, stand for the same before and after.</summary>
    /// <exception cref="InvalidInputException">The file states other scales, zero points or types; TensorFlow Lite has no such operator.</exception>
    public static void EnsureSameIntegers(TfLiteTensor input, TfLiteTensor output)
    {
        if (input.IntegerType == output.IntegerType && (input.IntegerType is null
            || (input.Scales.AsSpan().SequenceEqual(output.Scales) && input.ZeroPoints.AsSpan().SequenceEqual(output.ZeroPoints)))) return;
        throw new InvalidInputException(
            $"it makes {Describe(output)} of {Describe(input)}, where TensorFlow Lite expects both to be the same; a QUANTIZE converts");
    }

    /// <summary>The padding of a window, by its number in the schema.</summary>
    /// <exception cref="InvalidInputException">The schema has no such number.</exception>
    public static PaddingStyle PaddingOf(byte number) => number switch
    {
        0 => PaddingStyle.Same,
        1 => PaddingStyle.None,
        _ => throw new InvalidInputException($"its padding is {number}, expected 0 (SAME) or 1 (VALID)"),
    };

    private static string ShapeOf(TensorShape shape) =>
        shape.IsVector ? $"[1, {shape.Channels}]" : $"[1, {shape.Height}, {shape.Width}, {shape.Channels}]";

    private static string Describe(TfLiteTensor tensor) => (tensor.IntegerType, tensor.Scales, tensor.ZeroPoints) switch
    {
        (null, _, _) => "floats",
        ({ } type, [var scale], [var zero]) => $"{ValueQuantization.TypeName(type)} (scale {NumberText.Of(scale)}, zero {zero})",
        ({ } type, _, _) => ValueQuantization.TypeName(type),
    };
}
