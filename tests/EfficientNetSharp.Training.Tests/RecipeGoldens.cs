using System.Text.Json;

namespace EfficientNetSharp.Training.Tests;

/// <summary>What PyTorch and NumPy make of small vectors; Goldens/make_recipe_goldens.py wrote it.</summary>
internal static class RecipeGoldens
{
    private static readonly JsonElement Root = Load();

    public static JsonElement Get(string name) => Root.GetProperty(name);

    public static float[] Numbers(string name) => Numbers(Root.GetProperty(name));

    public static float[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(value => value.GetSingle())];

    private static JsonElement Load()
    {
        using var stream = typeof(RecipeGoldens).Assembly.GetManifestResourceStream("recipe.json")!;
        return JsonDocument.Parse(stream).RootElement.Clone();
    }
}
