using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EfficientNetSharp.Files;

/// <summary>
/// Compares values of JSON texts with the types that they are read into, before the library does: it would name types instead of saying
/// what is expected, and take a number beyond a type's range for infinity.
/// </summary>
internal static class JsonKinds
{
    /// <summary>
    /// What is expected and what was found instead; <see langword="null"/> where the value fits, or the type is none of these.
    /// </summary>
    /// <param name="value">The value; <see langword="null"/> for JSON's null.</param>
    /// <param name="type">The type: a number, a text, a truth value or an enumeration, or its nullable form.</param>
    public static string? Mismatch(JsonNode? value, Type type)
    {
        // What may be null is for the reader to say, which knows of annotations.
        if (value is null) return null;
        string? expected = Expected(value, Nullable.GetUnderlyingType(type) ?? type);
        return expected is null ? null : $"{expected}, found {OneLine.Clean(value.ToJsonString(), 40)}";
    }

    private static string? Expected(JsonNode value, Type type)
    {
        var kind = value.GetValueKind();
        if (type == typeof(string)) return kind == JsonValueKind.String ? null : "a text";
        if (type == typeof(bool)) return kind is JsonValueKind.True or JsonValueKind.False ? null : "true or false";
        // Whether a number stands for a value of an enumeration is checked with the record's other rules.
        if (type.IsEnum && kind != JsonValueKind.Number)
        {
            string[] names = Enum.GetNames(type);
            bool isOne = kind == JsonValueKind.String && names.Contains(value.GetValue<string>(), StringComparer.OrdinalIgnoreCase);
            return isOne ? null : string.Join(" or ", names);
        }

        if (type == typeof(int)) return Number<int>(value, kind);
        if (type == typeof(long)) return Number<long>(value, kind);
        if (type == typeof(ulong)) return Number<ulong>(value, kind);
        if (type == typeof(float)) return Number<float>(value, kind);
        return type == typeof(double) ? Number<double>(value, kind) : null;
    }

    private static string? Number<T>(JsonNode value, JsonValueKind kind)
        where T : struct, INumber<T> =>
        kind == JsonValueKind.Number && NumberText.TryParse<T>(value.ToJsonString(), out _) ? null : NumberText.Kind<T>();
}
