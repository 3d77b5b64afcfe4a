using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using EfficientNetSharp.Data;

namespace EfficientNetSharp.Cli.Support;

/// <summary>Says what a command leaves out of what it was given, and why: to people as notes, to programs in the result.</summary>
internal static class LeftOutView
{
    /// <summary>Notes for people, which <c>--json</c> leaves as they are.</summary>
    public static void Note(Terminal terminal, IEnumerable<string> warnings)
    {
        foreach (string warning in warnings) terminal.Note($"note: {warning}");
    }

    /// <inheritdoc cref="Note(Terminal, IEnumerable{string})" />
    public static void Note(Terminal terminal, ImmutableArray<LeftOut> leftOut) =>
        Note(terminal, leftOut.Select(one => one.ToString()));

    /// <summary>For the result about a dataset: <c>reason</c>, <c>count</c> and all <c>names</c>.</summary>
    public static JsonArray ToJson(IEnumerable<LeftOut> leftOut) => new([.. leftOut.Select(one => new JsonObject
    {
        ["reason"] = ReasonOf(one),
        ["count"] = one.Count,
        ["names"] = new JsonArray([.. one.Names.Select(name => (JsonNode?)name)]),
    })]);

    /// <summary>For a result of one entry per image: an entry for each that was left out, <c>path</c> and <c>leftOut</c>.</summary>
    public static void AddTo(JsonArray images, IEnumerable<LeftOut> leftOut)
    {
        foreach (var one in leftOut)
        {
            foreach (string name in one.Names) images.Add(new JsonObject { ["path"] = name, ["leftOut"] = ReasonOf(one) });
        }
    }

    private static string ReasonOf(LeftOut one) => JsonNamingPolicy.CamelCase.ConvertName(one.Reason.ToString());
}
