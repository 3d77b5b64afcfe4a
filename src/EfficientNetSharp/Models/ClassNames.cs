using System.Globalization;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Models;

/// <summary>Finds a class as people name it: by its name, or by its place in the network's outputs.</summary>
public static class ClassNames
{
    /// <summary>The class's index. A name goes before a number, so that classes called 0 to 9 mean themselves.</summary>
    /// <param name="word">A name, in capitals or not, or an index from 0.</param>
    /// <param name="classes">The names in the order of the network's outputs, at least one.</param>
    /// <exception cref="InvalidInputException">There is no such class, or several have that name.</exception>
    public static int Find(string word, IReadOnlyList<string> classes)
    {
        ArgumentNullException.ThrowIfNull(word);
        ArgumentNullException.ThrowIfNull(classes);
        foreach (var comparison in new[] { StringComparison.Ordinal, StringComparison.OrdinalIgnoreCase })
        {
            int[] named = [.. Enumerable.Range(0, classes.Count).Where(i => classes[i].Equals(word, comparison))];
            if (named.Length == 1) return named[0];
            if (named.Length > 1)
            {
                throw new InvalidInputException(
                    $"{named.Length} classes are called {OneLine.Quote(word)}; name one by its index: {string.Join(", ", named.Take(5))}.");
            }
        }

        if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < classes.Count) return index;
        var similar = classes.Where(name => name.Contains(word, StringComparison.OrdinalIgnoreCase)).DefaultIfEmpty(classes[0]).Take(3);
        string some = string.Join(", ", similar.Select(name => OneLine.Quote(name)));
        throw new InvalidInputException(
            $"A class's name (such as {some}) or an index from 0 to {classes.Count - 1} is expected, found {OneLine.Quote(word)}.");
    }
}
