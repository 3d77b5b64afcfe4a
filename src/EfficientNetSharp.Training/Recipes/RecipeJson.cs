using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
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

    private static readonly JsonObject Defaults = JsonSerializer.SerializeToNode(new TrainingRecipe(), Context.TrainingRecipe)!.AsObject();

    /// <summary>The whole recipe, defaults included.</summary>
    public static string Serialize(TrainingRecipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        return JsonSerializer.Serialize(recipe, Context.TrainingRecipe);
    }

    /// <summary>Reads a recipe and checks it.</summary>
    /// <param name="json">The text.</param>
    /// <param name="name">What to call it in messages, for example its path.</param>
    /// <exception cref="InvalidInputException">
    /// The text is not JSON, a name is not known, or a value is of the wrong kind or out of range.
    /// </exception>
    public static TrainingRecipe Parse(string json, string name)
    {
        ArgumentNullException.ThrowIfNull(json);
        try
        {
            var options = new JsonDocumentOptions
            {
                AllowDuplicateProperties = false,
                AllowTrailingCommas = true,
                CommentHandling = JsonCommentHandling.Skip,
            };
            if (JsonNode.Parse(json, documentOptions: options) is not JsonObject members) throw new JsonException(
                "a JSON object is expected");
            members.Remove(Comment);
            JsonDefaults.Fill(members, Defaults, Context.TrainingRecipe, (path, key, known) => throw new InvalidInputException(
                $"The recipe '{name}' has an unknown key '{OneLine.Clean(path + key)}'; " +
                $"did you mean '{OneLine.Clean(path + NearestNames.Of(key, known, 1)[0])}'?"));
            var recipe = members.Deserialize(Context.TrainingRecipe)!;
            recipe.Check();
            return recipe;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new InvalidInputException(
                $"The recipe '{name}' is not readable: {JsonErrors.Describe(e)}; docs/recipes.md describes the form.",
                e);
        }
        catch (InvalidInputException e) when (!e.Message.Contains(name, StringComparison.Ordinal))
        {
            throw new InvalidInputException($"'{name}': {e.Message}", e);
        }
    }
}

/// <summary>The JSON of recipes, made at compile time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, IgnoreReadOnlyProperties = true,
    WriteIndented = true,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(TrainingRecipe))]
internal sealed partial class RecipeJsonContext : JsonSerializerContext;
