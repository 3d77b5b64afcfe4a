using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Studies.Trials;

/// <summary>A result as a line of text: JSON, with a checksum of what stands before it as its last member.</summary>
internal static class TrialLine
{
    private const string Check = ",\"check\":\"", End = "\"}";

    private const int CheckDigits = 8;

    private static readonly TrialJsonContext Context = new(new JsonSerializerOptions(TrialJsonContext.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>The line, without its end.</summary>
    public static string Of(TrialResult result)
    {
        string text = JsonSerializer.Serialize(result, Context.TrialResult);
        return $"{text[..^1]}{Check}{SumOf(text)}{End}";
    }

    /// <summary>Reads a line.</summary>
    /// <param name="line">The line, without its end.</param>
    /// <param name="problem">What is wrong, where it is no result; else <see langword="null"/>.</param>
    public static TrialResult? Read(string line, out string? problem)
    {
        int check = line.Length - End.Length - CheckDigits - Check.Length;
        if (check < 0 || !line.EndsWith(End, StringComparison.Ordinal)
            || string.CompareOrdinal(line, check, Check, 0, Check.Length) != 0)
        {
            problem = "it has no checksum";
            return null;
        }

        string text = line[..check] + "}";
        if (line.Substring(check + Check.Length, CheckDigits) != SumOf(text))
        {
            problem = "its checksum is that of another text";
            return null;
        }

        try
        {
            problem = null;
            return JsonSerializer.Deserialize(text, Context.TrialResult);
        }
        catch (JsonException e)
        {
            problem = JsonErrors.Describe(e);
            return null;
        }
    }

    private static string SumOf(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, CheckDigits / 2));
}

/// <summary>The JSON of results, made at compile time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, IgnoreReadOnlyProperties = true, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(TrialResult))]
internal sealed partial class TrialJsonContext : JsonSerializerContext;
