using System.Collections.Immutable;
using System.Globalization;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Cli.Support;

/// <summary>A class as words name it: by its name, or by its place in the network's outputs.</summary>
internal static class ClassResolver
{
    /// <summary>The class's index. A name goes before a number, so that classes called 0 to 9 mean themselves.</summary>
    /// <exception cref="InvalidInputException">There is no such class, or several have that name.</exception>
    public static int Find(string word, ImmutableArray<string> classes)
    {
        foreach (var comparison in new[] { StringComparison.Ordinal, StringComparison.OrdinalIgnoreCase })
        {
            int[] named = [.. Enumerable.Range(0, classes.Length).Where(i => classes[i].Equals(word, comparison))];
            if (named.Length == 1) return named[0];
            if (named.Length > 1)
                throw new InvalidInputException($"{named.Length} classes are called {OneLine.Quote(word)}; name one by its index: {string.Join(", ", named.Take(5))}.");
        }

        if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < classes.Length) return index;
        string some = string.Join(", ", classes.Where(name => name.Contains(word, StringComparison.OrdinalIgnoreCase)).DefaultIfEmpty(classes[0]).Take(3).Select(name => OneLine.Quote(name)));
        throw new InvalidInputException($"--class expects a class's name (such as {some}) or an index from 0 to {classes.Length - 1}, found {OneLine.Quote(word)}.");
    }
}
