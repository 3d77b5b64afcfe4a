using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Tests.Files;

public sealed class JsonDefaultsTests
{
    private static readonly JsonObject Defaults =
        JsonSerializer.SerializeToNode(new Outer { Name = "" }, JsonDefaultsContext.Default.Outer)!.AsObject();

    [Fact]
    public void Absent_members_take_the_records_defaults_at_all_depths()
    {
        var read = Read("""{ "name": "x", "inner": { "first": 5 } }""");
        Assert.Equal(new Outer { Name = "x", Inner = new Inner { First = 5 } }, read);
        Assert.Equal(new Outer { Name = "x" }, Read("""{ "name": "x" }"""));
    }

    [Fact]
    public void What_is_said_stays_even_where_it_is_null() => Assert.Null(Read("""{ "name": "x", "inner": null }""").Inner);

    [Fact]
    public void A_required_member_is_never_invented() => Assert.Throws<JsonException>(() => Read("{}"));

    [Fact]
    public void Unknown_members_are_told_with_their_path_and_what_there_is()
    {
        var told = new List<string>();
        var members = JsonNode.Parse("""{ "name": "x", "total": 1, "inner": { "frist": 1 }, "other": { "third": 1 } }""")!.AsObject();
        JsonDefaults.Fill(members, Defaults, JsonDefaultsContext.Default.Outer,
            (path, name, known) => told.Add($"{path}{name} of {string.Join(' ', known)}"));
        Assert.Equal(["total of name count inner other", "inner.frist of first second", "other.third of first second"], told);
    }

    private static Outer Read(string json)
    {
        var members = JsonNode.Parse(json)!.AsObject();
        JsonDefaults.Fill(members, Defaults, JsonDefaultsContext.Default.Outer);
        return members.Deserialize(JsonDefaultsContext.Default.Outer)!;
    }
}

internal sealed record Outer
{
    public required string Name { get; init; }

    public int Count { get; init; } = 3;

    public Inner? Inner { get; init; } = new();

    // By default there is none, and yet its members are known.
    public Inner? Other { get; init; }

    public int Total => Count + 1;
}

internal sealed record Inner
{
    public int First { get; init; } = 1;

    public int Second { get; init; } = 2;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, IgnoreReadOnlyProperties = true)]
[JsonSerializable(typeof(Outer))]
internal sealed partial class JsonDefaultsContext : JsonSerializerContext;
