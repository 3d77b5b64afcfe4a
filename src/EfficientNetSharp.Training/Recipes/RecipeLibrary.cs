using System.Collections.Immutable;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Training.Recipes;

/// <summary>A folder of recipes, each a JSON file that is called by its name without ending.</summary>
/// <param name="folder">The folder; the command line has one beside it.</param>
public sealed class RecipeLibrary(string folder)
{
    private const string Ending = ".json";

    // A recipe that says everything takes 2 KB; what is far larger is another file.
    private const int MaxBytes = 1 << 20;

    /// <summary>The names there are, in order.</summary>
    public ImmutableArray<string> Names => Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder, "*"
            + Ending).Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal)]
        : [];

    /// <summary>Finds and reads a recipe.</summary>
    /// <param name="given">A name of the folder's, or the path of a <c>.json</c> file.</param>
    /// <exception cref="InvalidInputException">There is none, or it is not readable.</exception>
    public TrainingRecipe Get(string given)
    {
        ArgumentNullException.ThrowIfNull(given);
        if (IsPath(given)) return Read(given);
        string path = Path.Combine(folder, given + Ending);
        if (Names.Contains(given)) return Read(path);
        string nearest = Names.IsEmpty ? ""
            : $" The nearest is '{NearestNames.Of(given, Names, 1)[0]}'; all are {string.Join(", ", Names)}.";
        throw new InvalidInputException($"There is no recipe '{given}'.{nearest} Or give the path of a .json file.");
    }

    /// <summary>The name of a recipe that is given by its name or its path.</summary>
    public static string NameOf(string given)
    {
        ArgumentNullException.ThrowIfNull(given);
        return IsPath(given) ? Path.GetFileNameWithoutExtension(given) : given;
    }

    /// <summary>Reads a recipe's file.</summary>
    /// <exception cref="InvalidInputException">It cannot be read, or is no recipe.</exception>
    public static TrainingRecipe Read(string path)
    {
        string text = InputFile.ReadAllText(path, MaxBytes);
        return text.Length > 0
            ? RecipeJson.Parse(text, path)
            : throw new InvalidInputException($"'{path}' is expected to be a recipe as JSON, found no bytes; docs/recipes.md describes the form.");
    }

    private static bool IsPath(string given) => given.EndsWith(Ending, StringComparison.OrdinalIgnoreCase);
}
