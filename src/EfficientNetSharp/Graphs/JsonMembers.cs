using System.Text.Json;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Graphs;

/// <summary>The members of a JSON object, each read once by its name; what nobody asked for is an error.</summary>
internal sealed class JsonMembers
{
    private readonly Dictionary<string, JsonElement> _left = new(StringComparer.Ordinal);

    public JsonMembers(JsonElement element, string name)
    {
        Name = name;
        if (element.ValueKind != JsonValueKind.Object) throw new JsonException($"{name} is expected to be a JSON object");
        foreach (var property in element.EnumerateObject()) _left.Add(property.Name, property.Value);
    }

    /// <summary>What it is called in messages.</summary>
    public string Name { get; set; }

    public bool Has(string member) => _left.ContainsKey(member);

    /// <summary>The names of those that nobody asked for yet.</summary>
    public IReadOnlyList<string> Names => [.. _left.Keys];

    /// <summary>An object.</summary>
    public JsonMembers Object(string member) => new(Take(member), $"{Name}'s {OneLine.Quote(member)}");

    public string Text(string member) => TextOf(Take(member));

    public static string TextOf(JsonElement element) =>
        element.ValueKind == JsonValueKind.String ? element.GetString()! : throw new JsonException("a text is expected");

    /// <summary>A whole number from 0.</summary>
    public int Count(string member) => Take(member) is { ValueKind: JsonValueKind.Number } element && element.TryGetInt32(out int count)
        && count >= 0
        ? count
        : throw new JsonException($"{Name} has a '{member}' that is no whole number from 0 to {int.MaxValue}");

    public double Number(string member) => Take(member) is { ValueKind: JsonValueKind.Number } element
        && element.TryGetDouble(out double number)
        ? number
        : throw new JsonException($"{Name} has a '{member}' that is no number");

    public bool Flag(string member) => Take(member).ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw new JsonException($"{Name} has a '{member}' that is neither true nor false"),
    };

    public JsonElement[] Array(string member, int max) => Take(member) is { ValueKind: JsonValueKind.Array } element
        && element.GetArrayLength() <= max
        ? [.. element.EnumerateArray()]
        : throw new JsonException($"{Name} has a '{member}' that is no list of at most {max}");

    /// <summary>So many whole numbers from 0.</summary>
    public int[] Counts(string member, int length) => Positions(member, length) is var counts && counts.Length == length
        ? counts
        : throw new JsonException($"{Name} has a '{member}' that is no list of {length} whole numbers");

    /// <summary>So many whole numbers, negative ones among them.</summary>
    public int[] Integers(string member, int length)
    {
        var elements = Array(member, length);
        return elements.Length == length
            && elements.All(element => element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out _))
            ? [.. elements.Select(element => element.GetInt32())]
            : throw new JsonException($"{Name} has a '{member}' that is no list of {length} whole numbers");
    }

    /// <summary>Any number of whole numbers from 0.</summary>
    public int[] Positions(string member, int max)
    {
        var elements = Array(member, max);
        return elements.All(element => element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out int count) && count >= 0)
            ? [.. elements.Select(element => element.GetInt32())]
            : throw new JsonException($"{Name} has a '{member}' that is no list of whole numbers from 0");
    }

    public void EnsureAllRead()
    {
        if (_left.Count > 0) throw new JsonException($"{Name} has {OneLine.Quote(_left.Keys.First())}, which this version does not know");
    }

    private JsonElement Take(string member) =>
        _left.Remove(member, out var element) ? element : throw new JsonException($"{Name} lacks '{member}'");
}
