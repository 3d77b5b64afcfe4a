using System.Text.Json;
using System.Text.Json.Serialization;

namespace EfficientNetSharp.Fuzzing;

/// <summary>Something that reading an input did and must not.</summary>
/// <param name="Format">The format.</param>
/// <param name="Seed">The campaign's seed.</param>
/// <param name="Number">The input's number, which with the seed makes it again; -1 for one of the corpus.</param>
/// <param name="Kind">What kind: <c>exception</c>, <c>message</c>, <c>managed</c>, <c>resident</c>, <c>time</c>, <c>hang</c>,
/// <c>crash</c>.</param>
/// <param name="Where">The place in our code, so that findings of one cause are told apart from others.</param>
/// <param name="Detail">What happened.</param>
public sealed record Finding(string Format, ulong Seed, long Number, string Kind, string Where, string Detail)
{
    /// <summary>What findings of one cause have in common.</summary>
    [JsonIgnore]
    public string Key => $"{Kind} {Where}";

    /// <summary>One line of JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this);

    /// <summary>The finding of a line.</summary>
    public static Finding Parse(string json) => JsonSerializer.Deserialize<Finding>(json)!;
}
