using System.Collections.Immutable;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Models;

/// <summary>
/// Finds a model's classes by what data call them: by an id or a name as it is, else by a name in other capitals, with <c>_</c> for
/// blanks, or with blanks around it. A name that several classes have is none's; its ids tell them apart.
/// </summary>
public sealed class ClassPlaces
{
    private readonly ILookup<string, int> _ids, _names, _spelled;
    private readonly ClassList _classes;

    /// <summary>Those of a model's classes.</summary>
    /// <param name="classes">The classes in the order of the outputs.</param>
    public ClassPlaces(ClassList classes)
    {
        ArgumentNullException.ThrowIfNull(classes);
        _classes = classes;
        _ids = Places(classes.Ids, id => id);
        _names = Places(classes.Names, name => name);
        _spelled = Places(classes.Names, Spelled);
    }

    /// <summary>The class's place in the outputs; <see langword="null"/> where there is none of that name.</summary>
    /// <param name="name">What data call it.</param>
    /// <exception cref="InvalidInputException">Several classes have that name.</exception>
    public int? Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        foreach (var found in new[] { _ids[name], _names[name], _spelled[Spelled(name)] })
        {
            int[] places = [.. found];
            if (places.Length == 1) return places[0];
            if (places.Length > 1) throw new InvalidInputException(
                $"{OneLine.Quote(name)} is the name of several of the {_classes.Names.Length} known classes ({string.Join(", ", places.Select(Described))}); "
                + "name the one that is meant by its id or index, or give the model names of its own ('effnet import --class-names').");
        }

        return null;
    }

    /// <summary>Whether a place was found by the class's id or name as it is, and not by another spelling of it.</summary>
    /// <param name="name">What data call it.</param>
    /// <param name="place">What <see cref="Find"/> gave for it.</param>
    public bool IsExact(string name, int place) => _classes.Names[place] == name || _ids[name].Contains(place);

    private string Described(int place) => _classes.Ids.IsEmpty ? $"index {place}" : $"{_classes.Ids[place]}, index {place}";

    private static ILookup<string, int> Places(ImmutableArray<string> words, Func<string, string> form) =>
        words.Select((word, place) => (Word: form(word), place)).ToLookup(pair => pair.Word, pair => pair.place, StringComparer.Ordinal);

    private static string Spelled(string name) => name.Replace('_', ' ').Trim().ToUpperInvariant();
}
