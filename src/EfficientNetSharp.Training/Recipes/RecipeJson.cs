using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Training.Recipes;

/// <summary>
/// Recipes as JSON: camelCase names, enumerations as texts. What a file leaves out has its default, so a recipe says only what is
/// particular to it; a name that is not known is refused.
/// </summary>
public static class RecipeJson
{
    // A file may say in words what it is.
    private const string Comment = "description";

    private static readonly RecipeJsonContext Context = new(new JsonSerializerOptions(RecipeJsonContext.Default.Options)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>The whole recipe, defaults included.</summary>
    public static string Serialize(TrainingRecipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        return JsonSerializer.Serialize(recipe, Context.TrainingRecipe);
    }

    /// <summary>Reads a recipe and checks it.</summary>
    /// <param name="json">The text.</param>
    /// <param name="name">What to call it in messages, for example its path.</param>
    /// <exception cref="InvalidInputException">The text is not JSON, a name is not known, or a value is of the wrong kind or out of range.</exception>
    public static TrainingRecipe Parse(string json, string name)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            var options = new JsonDocumentOptions { AllowDuplicateProperties = false, AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };
            if (JsonNode.Parse(json, documentOptions: options) is not JsonObject members) throw new JsonException("a JSON object is expected");
            members.Remove(Comment);
            Complete(members, JsonSerializer.SerializeToNode(new TrainingRecipe(), Context.TrainingRecipe)!.AsObject(), Context.TrainingRecipe, "", name);
            var recipe = members.Deserialize(Context.TrainingRecipe)!;
            recipe.Check();
            return recipe;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new InvalidInputException($"The recipe '{name}' is not readable: {OneLine.Clean(e.Message, 300).TrimEnd('.')}; docs/recipes.md describes the form.", e);
        }
        catch (InvalidInputException e) when (!e.Message.Contains(name, StringComparison.Ordinal))
        {
            throw new InvalidInputException($"'{name}': {e.Message}", e);
        }
    }

    // The generated reader gives an absent init-only member its type's zero rather than the record's default, so absent ones are
    // filled in from a default recipe. What the record does not have is a slip.
    private static void Complete(JsonObject members, JsonObject? defaults, JsonTypeInfo type, string path, string name)
    {
        var known = type.Properties.Where(property => property.Set is not null || property.AssociatedParameter is not null).ToDictionary(property => property.Name, StringComparer.Ordinal);
        foreach (var (key, value) in members)
        {
            if (!known.TryGetValue(key, out var property))
            {
                throw new InvalidInputException(
                    $"The recipe '{name}' has an unknown key '{OneLine.Clean(path + key)}'; did you mean '{path}{NearestNames.Of(key, known.Keys, 1)[0]}'?");
            }

            if (value is JsonObject inner && Context.GetTypeInfo(property.PropertyType) is { Kind: JsonTypeInfoKind.Object } innerType)
                Complete(inner, defaults?[key] as JsonObject, innerType, $"{path}{key}.", name);
        }

        foreach (var (key, value) in defaults ?? [])
        {
            if (!members.ContainsKey(key)) members.Add(key, value?.DeepClone());
        }
    }
}

/// <summary>The JSON of recipes, made at compile time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, IgnoreReadOnlyProperties = true, WriteIndented = true,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(TrainingRecipe))]
internal sealed partial class RecipeJsonContext : JsonSerializerContext;
