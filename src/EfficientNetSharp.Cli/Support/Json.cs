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

    // What the terminal shows by its code, such as a direction of writing, is so escaped in JSON.
    public static void Write(Terminal terminal, JsonNode node) => terminal.Output.Write(node.ToJsonString(Options) + '\n');
}
