using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Graphs.Quantization;

/// <summary>
/// A quantization plan as JSON on one line: <c>{"arithmetic":"onnx","values":{node:{"type":"u8","scale":0.02,"zero_point":128}},
/// "kernels":{parameter:{"type":"i8","scales":[…]}}}</c>. Equal plans give equal texts; reading refuses what it does not know.
/// </summary>
public static class QuantizationJson
{
    // Far above the channels of any layer.
    private const int MaxScales = 100_000_000;

    private static readonly (ElementType Type, string Word)[] Types =
        [(ElementType.U8, "u8"), (ElementType.I8, "i8"), (ElementType.U16, "u16"), (ElementType.I16, "i16")];

    private static readonly (IntegerArithmetic Arithmetic, string Word)[] Arithmetics =
        [(IntegerArithmetic.Onnx, "onnx"), (IntegerArithmetic.TfLite, "tflite"), (IntegerArithmetic.Rknn, "rknn")];

    /// <summary>Writes a plan.</summary>
    /// <param name="plan">The plan.</param>
    public static string Serialize(QuantizationPlan plan) => Serialize(plan, withScales: true);

    /// <summary>Reads a plan; whether it fits a graph, <see cref="QuantizationPlan.Check"/> says.</summary>
    /// <param name="json">The text.</param>
    /// <exception cref="InvalidInputException">It is not JSON, or has members that are missing, unknown or of the wrong kind.</exception>
    public static QuantizationPlan Parse(string json) => Parse(json, null);

    /// <summary>Writes a plan, its kernels' scales only where they are not kept elsewhere.</summary>
    internal static string Serialize(QuantizationPlan plan, bool withScales)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("arithmetic", Arithmetics.First(pair => pair.Arithmetic == plan.Arithmetic).Word);
            json.WriteStartObject("values");
            foreach (var (name, value) in plan.Values)
            {
                json.WriteStartObject(name);
                WriteValue(json, value);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteStartObject("kernels");
            foreach (var (name, kernel) in plan.Kernels) WriteKernel(json, name, kernel, withScales);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>Reads a plan whose kernels' scales are kept elsewhere.</summary>
    internal static QuantizationPlan Parse(string json, Func<string, ImmutableArray<float>>? scalesOf)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            var members = new JsonMembers(document.RootElement, "the quantization plan");
            var plan = new QuantizationPlan
            {
                Arithmetic = Known(Arithmetics, members.Text("arithmetic"), "the quantization plan"),
                Values = Table(members, "values", ReadValue),
                Kernels = Table(members, "kernels", (kernel, name) => ReadKernel(kernel, name, scalesOf)),
            };
            members.EnsureAllRead();
            return plan;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new InvalidInputException(
                $"The quantization plan is not readable: {JsonErrors.Describe(e)}; save or export the model again.", e);
        }
    }

    private static void WriteValue(Utf8JsonWriter json, ValueQuantization value)
    {
        json.WriteString("type", WordOf(value.Type));
        json.WriteNumber("scale", value.Scale);
        json.WriteNumber("zero_point", value.ZeroPoint);
        if (value.Sigmoid is not { } sigmoid) return;
        json.WriteStartObject("sigmoid");
        WriteValue(json, sigmoid);
        json.WriteEndObject();
    }

    private static void WriteKernel(Utf8JsonWriter json, string name, ParameterQuantization kernel, bool withScales)
    {
        json.WriteStartObject(name);
        json.WriteString("type", WordOf(kernel.Type));
        json.WriteNumber("zero_point", kernel.ZeroPoint);
        if (withScales)
        {
            json.WriteStartArray("scales");
            foreach (float scale in kernel.Scales) json.WriteNumberValue(scale);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static ValueQuantization ReadValue(JsonMembers members, string name)
    {
        var value = new ValueQuantization(
            Known(Types, members.Text("type"), members.Name), Single(members.Number("scale")), Integer(members, "zero_point"))
        {
            Sigmoid = members.Has("sigmoid") ? ReadValue(members.Object("sigmoid"), name) : null,
        };
        members.EnsureAllRead();
        return value;
    }

    private static ParameterQuantization ReadKernel(JsonMembers members, string name, Func<string, ImmutableArray<float>>? scalesOf)
    {
        var kernel = new ParameterQuantization(
            Known(Types, members.Text("type"), members.Name),
            scalesOf?.Invoke(name) ?? [.. members.Array("scales", MaxScales).Select(scale => Single(scale.GetDouble()))],
            Integer(members, "zero_point"));
        members.EnsureAllRead();
        return kernel;
    }

    private static ImmutableSortedDictionary<string, T> Table<T>(JsonMembers plan, string member, Func<JsonMembers, string, T> read)
    {
        var entries = plan.Object(member);
        return entries.Names.ToImmutableSortedDictionary(
            name => name, name => read(entries.Object(name), name), StringComparer.Ordinal);
    }

    private static string WordOf(ElementType type) => Array.Find(Types, pair => pair.Type == type).Word
        ?? throw new ArgumentException($"A quantization plan has no {type}.", nameof(type));

    private static T Known<T>((T Value, string Word)[] words, string word, string of)
    {
        foreach (var (value, known) in words)
        {
            if (known == word) return value;
        }

        throw new JsonException($"{of} says {OneLine.Quote(word)}, expected one of {string.Join(", ", words.Select(pair => pair.Word))}");
    }

    // A number that float32 does not hold is one that the plan's checks refuse.
    private static float Single(double number) => (float)number;

    private static int Integer(JsonMembers members, string member)
    {
        double number = members.Number(member);
        return number == Math.Floor(number) && Math.Abs(number) <= int.MaxValue
            ? (int)number
            : throw new JsonException($"{members.Name} has a '{member}' that is no whole number");
    }
}
