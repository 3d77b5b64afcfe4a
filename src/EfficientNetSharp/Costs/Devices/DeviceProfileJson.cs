using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Costs.Devices;

/// <summary>A device's profile as JSON; reading refuses what it does not know.</summary>
public static class DeviceProfileJson
{
    /// <summary>The largest file that is a profile.</summary>
    public const int MaxBytes = 1 << 20;

    private const string What = "the device's profile";

    // Prices that no device has: a millisecond per launch would be a network's whole time.
    private static readonly NumberRange Prices = new(0, 1e6), Passes = new(0, 1000, IncludesMin: false);

    private static readonly NumberRange Bytes = new(1, 8), Tiles = new(1, 1 << 20);

    private static readonly (DeviceModel Model, string Word)[] Models = [(DeviceModel.Sum, "sum"), (DeviceModel.Roofline, "roofline")];

    /// <summary>The word for a model in files.</summary>
    public static string WordOf(DeviceModel model) => Models.First(pair => pair.Model == model).Word;

    /// <summary>Writes a profile.</summary>
    public static string Serialize(DeviceProfile profile)
    {
        ArgumentNullException.ThrowIfNull(profile);
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(
            buffer, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("name", profile.Name);
            json.WriteString("description", profile.Description);
            json.WriteString("source", profile.Source);
            json.WriteString("model", WordOf(profile.Model));
            json.WriteNumber("tile_pixels", profile.TilePixels);
            json.WriteStartObject("types");
            foreach (var (name, type) in profile.Types)
            {
                json.WriteStartObject(name);
                json.WriteNumber("bytes", type.Bytes);
                json.WriteNumber("passes", type.Passes);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteStartObject("prices");
            foreach (var (term, price) in profile.Prices)
            {
                json.WriteStartObject(DeviceTerms.NameOf(term));
                json.WriteNumber("ms", price.Ms);
                if (price.Lowest is { } lowest) json.WriteNumber("lowest", lowest);
                if (price.Highest is { } highest) json.WriteNumber("highest", highest);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    /// <summary>Reads a profile.</summary>
    /// <param name="json">The text.</param>
    /// <param name="name">What messages call the text: a file's path.</param>
    /// <exception cref="InvalidInputException">It is no profile; the message says where and what is expected.</exception>
    public static DeviceProfile Parse(string json, string name)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
            var members = new JsonMembers(document.RootElement, What);
            var profile = new DeviceProfile
            {
                Name = NonEmpty(members, "name"),
                Description = members.Text("description"),
                Source = members.Has("source") ? members.Text("source") : "",
                Model = ModelOf(members.Text("model")),
                TilePixels = Whole(members, "tile_pixels", Tiles),
                Types = Table(members, "types", ReadType, key => key).WithComparers(StringComparer.Ordinal),
                Prices = Table(members, "prices", ReadPrice, TermOf),
            };
            if (profile.Types.IsEmpty) throw new JsonException($"{What} has no types, expected one at least, such as int8");
            if (profile.Prices.Values.All(price => price.Ms == 0)) throw new JsonException($"{What} has no price above 0");
            members.EnsureAllRead();
            return profile;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException or InvalidInputException)
        {
            throw new InvalidInputException(
                $"'{name}' is not a usable device profile: {JsonErrors.Describe(e)}; 'effnet device show rv1126 --json' prints one.", e);
        }
    }

    private static DeviceType ReadType(JsonMembers members)
    {
        var type = new DeviceType(Whole(members, "bytes", Bytes), Passes.Require(members.Number("passes"), $"{members.Name}, 'passes'"));
        members.EnsureAllRead();
        return type;
    }

    private static DevicePrice ReadPrice(JsonMembers members)
    {
        var price = new DevicePrice(Price(members, "ms"), Optional(members, "lowest"), Optional(members, "highest"));
        members.EnsureAllRead();
        return price.Lowest > price.Highest
            ? throw new JsonException($"{members.Name} has a 'lowest' above its 'highest'")
            : price;
    }

    private static double Price(JsonMembers members, string member) =>
        Prices.Require(members.Number(member), $"{members.Name}, '{member}'");

    private static double? Optional(JsonMembers members, string member) => members.Has(member) ? Price(members, member) : null;

    private static int Whole(JsonMembers members, string member, NumberRange range) =>
        (int)range.Require(members.Count(member), $"{members.Name}, '{member}'");

    private static string NonEmpty(JsonMembers members, string member) => members.Text(member) is { Length: > 0 } text
        ? text
        : throw new JsonException($"{members.Name} has an empty '{member}'");

    private static DeviceModel ModelOf(string word) => Array.Find(Models, pair => pair.Word == word) is { Word: not null } known
        ? known.Model
        : throw new JsonException(
            $"{What} has the model {OneLine.Quote(word)}, expected {string.Join(" or ", Models.Select(pair => pair.Word))}");

    private static DeviceTerm TermOf(string name)
    {
        foreach (var term in Enum.GetValues<DeviceTerm>())
        {
            if (DeviceTerms.NameOf(term) == name) return term;
        }

        throw new JsonException($"{What} has a price for {OneLine.Quote(name)}, which this version does not know; "
            + $"the terms are {string.Join(", ", Enum.GetValues<DeviceTerm>().Select(DeviceTerms.NameOf))}");
    }

    private static ImmutableSortedDictionary<TKey, TValue> Table<TKey, TValue>(
        JsonMembers members, string member, Func<JsonMembers, TValue> read, Func<string, TKey> keyOf)
        where TKey : notnull
    {
        var entries = members.Object(member);
        return entries.Names.ToImmutableSortedDictionary(keyOf, name => read(entries.Object(name)));
    }
}
