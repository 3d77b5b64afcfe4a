using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace EfficientNetSharp.Files;

/// <summary>
/// Members that a JSON text leaves out take the defaults of the record that they are read into. The readers that the compiler generates
/// give an absent init-only member its type's zero instead, so absent ones are filled in before reading.
/// </summary>
public static class JsonDefaults
{
    /// <summary>Told of a member that the record does not have.</summary>
    /// <param name="path">Names of the objects that it lies in, each with a dot behind it; empty for the outermost.</param>
    /// <param name="name">Its name.</param>
    /// <param name="known">Names of the members that the record has.</param>
    public delegate void UnknownMember(string path, string name, ImmutableArray<string> known);

    /// <summary>
    /// Adds what is absent, in objects within the object too. A member that the record requires is never added, so that reading reports it.
    /// </summary>
    /// <param name="members">The object as it was read; changed.</param>
    /// <param name="defaults">
    /// A record with all defaults, as JSON; what is required may have any value there. <see langword="null"/> where there is none, and
    /// then nothing is added.
    /// </param>
    /// <param name="type">The record's contract, from a generated context.</param>
    /// <param name="unknown">Told of members that the record does not have; they are ignored where <see langword="null"/>.</param>
    /// <exception cref="JsonException">
    /// A member is of another kind than the record's; the message states what is expected and found.
    /// </exception>
    public static void Fill(JsonObject members, JsonObject? defaults, JsonTypeInfo type, UnknownMember? unknown = null)
    {
        ArgumentNullException.ThrowIfNull(members);
        ArgumentNullException.ThrowIfNull(type);
        Fill(members, defaults, type, unknown, "");
    }

    private static void Fill(JsonObject members, JsonObject? defaults, JsonTypeInfo type, UnknownMember? unknown, string path)
    {
        // What can only be written, such as a computed property, is not a member for reading.
        var known = type.Properties.Where(property => property.Set is not null || property.AssociatedParameter is not null).ToList();
        if (unknown is not null)
        {
            foreach (string name in members.Select(member => member.Key).Where(name => known.TrueForAll(property => property.Name != name)))
                unknown(path, name, [.. known.Select(property => property.Name)]);
        }

        foreach (var property in known)
        {
            if (!members.TryGetPropertyValue(property.Name, out var present))
            {
                if (!property.IsRequired && defaults is not null && defaults.TryGetPropertyValue(property.Name, out var value))
                    members.Add(property.Name, value?.DeepClone());
            }
            else if (JsonKinds.Mismatch(present, property.PropertyType) is { } mismatch)
            {
                throw new JsonException($"'{OneLine.Clean(path + property.Name)}' is expected to be {mismatch}");
            }
            else if (present is JsonObject inner
                && type.Options.TryGetTypeInfo(property.PropertyType, out var innerType) && innerType.Kind == JsonTypeInfoKind.Object)
            {
                Fill(inner, defaults?[property.Name] as JsonObject, innerType, unknown, $"{path}{property.Name}.");
            }
        }
    }
}
