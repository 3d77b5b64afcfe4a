using EfficientNetSharp.Files;

namespace EfficientNetSharp.Models;

/// <summary>Finds a class as people name it: by its name, or by its place in the network's outputs.</summary>
public static class ClassNames
{
    /// <summary>The class's place. A name goes before a number, so that classes called 0 to 9 mean themselves.</summary>
    /// <param name="word">A name or id, in capitals or not, or an index from 0.</param>
    /// <param name="card">The model's card, of at least one class.</param>
    /// <exception cref="InvalidInputException">There is no such class, or several have that name.</exception>
    public static int Find(string word, ModelCard card)
    {
        ArgumentNullException.ThrowIfNull(word);
        ArgumentNullException.ThrowIfNull(card);
        var classes = card.Classes;
        if (new ClassPlaces(card.ListClasses()).Find(word) is { } place) return place;
        if (NumberText.TryParseDigits(word, out int index) && index < classes.Length) return index;
        var similar = classes.Where(name => name.Contains(word, StringComparison.OrdinalIgnoreCase)).DefaultIfEmpty(classes[0]).Take(3);
        string some = string.Join(", ", similar.Select(name => OneLine.Quote(name)));
        throw new InvalidInputException(
            $"A class's name (such as {some}) or an index from 0 to {classes.Length - 1} is expected, found {OneLine.Quote(word)}.");
    }
}
