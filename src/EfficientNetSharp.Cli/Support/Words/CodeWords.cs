using System.Text;
using EfficientNetSharp.Graphs.Quantization;

namespace EfficientNetSharp.Cli.Support.Words;

/// <summary>Names of the code as words of a sentence: <c>GlobalAveragePool</c> becomes <c>global average pool</c>.</summary>
internal static class CodeWords
{
    /// <summary>A value of an enumeration.</summary>
    public static string Of<T>(T value)
        where T : struct, Enum => Split(value.ToString());

    /// <summary>A value of an enumeration where a line begins with it.</summary>
    public static string Heading<T>(T value)
        where T : struct, Enum
    {
        string words = Of(value);
        return char.ToUpperInvariant(words[0]) + words[1..];
    }

    /// <summary>Whose rules integers are computed by.</summary>
    public static string Of(IntegerArithmetic arithmetic) => arithmetic switch
    {
        IntegerArithmetic.Onnx => "ONNX",
        IntegerArithmetic.TfLite => "TensorFlow Lite",
        _ => "RKNN",
    };

    /// <summary>What an object is.</summary>
    public static string Of(object value) => Split(value.GetType().Name);

    private static string Split(string name)
    {
        var words = new StringBuilder();
        foreach (char letter in name)
        {
            if (char.IsUpper(letter) && words.Length > 0) words.Append(' ');
            words.Append(char.ToLowerInvariant(letter));
        }

        return words.ToString();
    }
}
