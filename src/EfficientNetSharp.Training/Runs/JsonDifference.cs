using System.Text.Json;
using System.Text.Json.Nodes;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Training.Runs;

/// <summary>What differs between two JSON values, in words: where, and both values.</summary>
internal static class JsonDifference
{
    // Enough to see what was changed; one option can change several members.
    private const int Max = 4;

    /// <summary>The differences, such as <c>epochs was 2 and is 4 now</c>.</summary>
    public static string Between(string before, string now)
    {
        var all = Of(JsonNode.Parse(before), JsonNode.Parse(now), "").ToList();
        return string.Join(", ", all.Take(Max)) + (all.Count > Max ? $", and {all.Count - Max} more" : "");
    }

    private static IEnumerable<string> Of(JsonNode? before, JsonNode? now, string path)
    {
        if (JsonNode.DeepEquals(before, now)) return [];
        return (before, now) switch
        {
            (JsonObject a, JsonObject b) => a.Select(member => member.Key).Union(b.Select(member => member.Key))
                .SelectMany(key => Of(a[key], b[key], path.Length == 0 ? key : $"{path}.{key}")),
            (JsonArray a, JsonArray b) when a.Count != b.Count =>
                [$"{path} had {NumberText.Counted(a.Count, "entry", "entries")} and has {b.Count} now"],
            (JsonArray a, JsonArray b) => a.Zip(b).Index().SelectMany(pair => Of(pair.Item.First, pair.Item.Second, $"{path}[{pair.Index}]")),
            _ => [$"{path} was {Shown(before)} and is {Shown(now)} now"],
        };
    }

    private static string Shown(JsonNode? value) => value switch
    {
        null => "not set",
        // Whole numbers are as they are written: a seed has more digits than a double.
        JsonValue number when number.GetValueKind() == JsonValueKind.Number && number.ToJsonString() is var text
            && text.Contains('E', StringComparison.OrdinalIgnoreCase) && NumberText.TryParse(text, out double read) => NumberText.Of(read),
        JsonObject or JsonArray => OneLine.Clean(value.ToJsonString(), 60),
        _ => OneLine.Clean(value.ToString(), 60),
    };
}
