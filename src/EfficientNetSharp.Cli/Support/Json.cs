using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace EfficientNetSharp.Cli.Support;

/// <summary>How <c>--json</c> prints.</summary>
internal static class Json
{
    private static readonly JsonSerializerOptions Options = new()
    {
        WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly JsonSerializerOptions OneLine = new(Options) { WriteIndented = false };

    /// <summary>A value in a line.</summary>
    public static string Line(JsonNode node) => node.ToJsonString(OneLine);

    // What the terminal shows by its code, such as a direction of writing, is so escaped in JSON.
    public static void Write(Terminal terminal, JsonNode node) => terminal.Output.Write(node.ToJsonString(Options) + '\n');
}
