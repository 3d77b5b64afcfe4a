using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using EfficientNetSharp.Data;
using EfficientNetSharp.Data.Loading;

namespace EfficientNetSharp.Cli.Support;

/// <summary>Says what a command leaves out of what it was given, and why: to people as notes, to programs in the result.</summary>
internal static class LeftOutView
{
    // Enough to see of what kinds they are.
    private const int Reasons = 5;

    /// <summary>Notes for people, which <c>--json</c> leaves as they are.</summary>
    public static void Note(Terminal terminal, IEnumerable<string> warnings)
    {
        foreach (string warning in warnings) terminal.Note($"note: {warning}");
    }

    /// <inheritdoc cref="Note(Terminal, IEnumerable{string})" />
    public static void Note(Terminal terminal, ImmutableArray<LeftOut> leftOut) =>
        Note(terminal, leftOut.Select(one => one.ToString()));

    /// <summary>Images that could not be read, with the reasons of the first of them.</summary>
    /// <param name="terminal">Where to.</param>
    /// <param name="images">The images; nothing is said where there is none.</param>
    /// <param name="part">Whose they are, as in <c>training</c>; <see langword="null"/> where there is but one part.</param>
    public static void NoteUnreadable(Terminal terminal, ImmutableArray<BrokenImage> images, string? part = null)
    {
        foreach (var leftOut in Of(images)) terminal.Note($"note: {(part is null ? "" : $"{part} images: ")}{leftOut}");
        foreach (var image in images.Take(Reasons)) terminal.Note($"  {image.ToLine()}");
    }

    /// <summary>Images that could not be read as what was left out.</summary>
    public static ImmutableArray<LeftOut> Of(ImmutableArray<BrokenImage> images) =>
        images.IsEmpty ? [] : [new LeftOut(LeftOutReason.Unreadable, [.. images.Select(image => image.Name)])];

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
