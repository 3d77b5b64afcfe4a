using System.Text.Json.Nodes;

namespace EfficientNetSharp.Models;

/// <summary>
/// Names that members and values of a model's JSON had in files of version 1. They stand here alone, and only because such files exist.
/// </summary>
internal static class FormerNames
{
    private static readonly Dictionary<string, string> Members = new(StringComparer.Ordinal) { ["mostLost"] = "roundingLimit" };

    private static readonly Dictionary<(string Member, string Value), string> Values = new() { [("crop", "Squash")] = "StretchResize" };

    /// <summary>Gives them their present names, at any depth.</summary>
    public static void Replace(JsonObject members)
    {
        foreach (var (name, value) in members.ToList())
        {
            if (value is JsonObject inner) Replace(inner);
            if (value is JsonValue text && text.TryGetValue(out string? word)
                && Values.TryGetValue((name, word), out string? present)) members[name] = present;
            if (!Members.TryGetValue(name, out string? now) || members.ContainsKey(now)) continue;
            members.Remove(name);
            members.Add(now, value);
        }
    }
}
