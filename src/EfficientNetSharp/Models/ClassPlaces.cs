using System.Collections.Immutable;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Models;

/// <summary>
/// Finds a model's classes by what data call them: by an id or a name as it is, else by a name in other capitals or with <c>_</c> for
/// blanks. A name that several classes have is none's; its ids tell them apart.
/// </summary>
public sealed class ClassPlaces
{
    private readonly ILookup<string, int> _ids, _names, _spelled;
    private readonly ModelCard _card;

    /// <summary>Those of a model's classes.</summary>
    /// <param name="card">The model's card.</param>
    public ClassPlaces(ModelCard card)
    {
        ArgumentNullException.ThrowIfNull(card);
        _card = card;
        _ids = Places(card.ClassIds, id => id);
        _names = Places(card.Classes, name => name);
        _spelled = Places(card.Classes, Spelled);
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
                $"{places.Length} of the model's {_card.Classes.Length} classes are called {OneLine.Quote(name)} ({string.Join(", ", places.Select(Described))}); "
                + "name the one that is meant by its id or index, or give the model names of its own ('effnet import --class-names').");
        }

        return null;
    }

    private string Described(int place) => _card.ClassIds.IsEmpty ? $"index {place}" : $"{_card.ClassIds[place]}, index {place}";

    private static ILookup<string, int> Places(ImmutableArray<string> words, Func<string, string> form) =>
        words.Select((word, place) => (Word: form(word), place)).ToLookup(pair => pair.Word, pair => pair.place, StringComparer.Ordinal);

    private static string Spelled(string name) => name.Replace('_', ' ').ToUpperInvariant();
}
