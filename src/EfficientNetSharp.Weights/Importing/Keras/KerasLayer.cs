using System.Text.Json;

namespace EfficientNetSharp.Weights.Importing.Keras;

/// <summary>A layer in a Keras model's configuration, version 2 or 3; a model within a model is one too.</summary>
/// <param name="json">Its object.</param>
internal sealed class KerasLayer(JsonElement json)
{
    /// <summary>Its class, such as <c>Rescaling</c>.</summary>
    public string ClassName { get; } = Text(json, "class_name");

    /// <summary>Its name in the model.</summary>
    public string Name { get; } = Text(json, "name") is { Length: > 0 } name ? name : Text(Member(json, "config"), "name");

    /// <summary>Its own settings.</summary>
    public JsonElement Config { get; } = Member(json, "config");

    /// <summary>The layers of a model; empty for a layer.</summary>
    public IReadOnlyList<KerasLayer> Layers { get; } = Member(Member(json, "config"), "layers") is { ValueKind: JsonValueKind.Array } layers
        ? [.. layers.EnumerateArray().Where(layer => layer.ValueKind == JsonValueKind.Object).Select(layer => new KerasLayer(layer))]
        : [];

    /// <summary>Whether it is a model whose layers follow one another in the order of the list.</summary>
    public bool IsSequential => ClassName == "Sequential";

    /// <summary>Where its input comes from, and with what arguments; only a Functional model says it.</summary>
    public JsonElement Inbound { get; } = Member(json, "inbound_nodes");

    /// <summary>The layers that its input comes from.</summary>
    public IReadOnlyList<string> Sources()
    {
        var found = new List<string>();
        Collect(Inbound, found);
        return [.. found.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The numbers among its arguments, such as the 255 of <c>x / 255</c>.</summary>
    public IReadOnlyList<double> Numbers()
    {
        var found = new List<double>();
        CollectNumbers(Inbound, found);
        return found;
    }

    /// <summary>A setting's numbers: one, or a list of any nesting; <see langword="null"/> where it is not set.</summary>
    public IReadOnlyList<double>? Values(string setting)
    {
        var found = new List<double>();
        var value = Member(Config, setting);
        if (value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null) return null;
        CollectPlain(value, found);
        return found.Count > 0 ? found : null;
    }

    /// <summary>A setting's text; empty where it is not set.</summary>
    public string TextOf(string setting) => Text(Config, setting);

    /// <summary>Whether a setting is on.</summary>
    public bool IsSet(string setting) => Member(Config, setting).ValueKind == JsonValueKind.True;

    private static JsonElement Member(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var member) ? member : default;

    private static string Text(JsonElement json, string name) =>
        Member(json, name) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";

    // Version 2 has ["layer", 0, 0, {…}], version 3 {"keras_history": ["layer", 0, 0]}.
    private static void Collect(JsonElement json, List<string> found)
    {
        if (json.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in json.EnumerateObject()) Collect(member.Value, found);
        }
        else if (json.ValueKind == JsonValueKind.Array)
        {
            if (IsSource(json)) found.Add(json[0].GetString()!);
            foreach (var item in json.EnumerateArray()) Collect(item, found);
        }
    }

    // An argument is a number, or {"y": 255.0} in version 2; places and shapes of tensors are none.
    private static void CollectNumbers(JsonElement json, List<double> found)
    {
        if (json.ValueKind == JsonValueKind.Number) found.Add(json.GetDouble());
        if (json.ValueKind == JsonValueKind.Object)
        {
            foreach (var member in json.EnumerateObject())
                if (member.Name is not ("config" or "keras_history")) CollectNumbers(member.Value, found);
        }
        else if (json.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in json.EnumerateArray().Skip(IsSource(json) ? 3 : 0)) CollectNumbers(item, found);
        }
    }

    private static void CollectPlain(JsonElement json, List<double> found)
    {
        if (json.ValueKind == JsonValueKind.Number) found.Add(json.GetDouble());
        if (json.ValueKind == JsonValueKind.Array) foreach (var item in json.EnumerateArray()) CollectPlain(item, found);
        // Arrays of version 3 are objects with a value.
        if (json.ValueKind == JsonValueKind.Object) CollectPlain(Member(Member(json, "config"), "value"), found);
    }

    private static bool IsSource(JsonElement json) => json.GetArrayLength() >= 3 && json[0].ValueKind == JsonValueKind.String
        && json[1].ValueKind == JsonValueKind.Number && json[2].ValueKind == JsonValueKind.Number;
}
