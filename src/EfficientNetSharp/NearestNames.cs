namespace EfficientNetSharp;

/// <summary>Finds the known names that a mistyped one may have meant.</summary>
public static class NearestNames
{
    /// <summary>The known names with the smallest edit distance, nearest first; equally near ones keep their order.</summary>
    /// <param name="wanted">What was typed. Case counts: bring both sides to one case where it should not.</param>
    /// <param name="known">The names that there are.</param>
    /// <param name="count">How many to give at most; 3 if not said.</param>
    public static IReadOnlyList<string> Of(string wanted, IEnumerable<string> known, int count = 3)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        ArgumentNullException.ThrowIfNull(known);
        return [.. known.OrderBy(name => EditDistance(wanted, name)).Take(count)];
    }

    /// <summary>Levenshtein's distance: the fewest insertions, deletions and replacements of a character.</summary>
    public static int EditDistance(string a, string b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);

        // Two rows of the table are enough: a cell needs its left, upper and upper-left neighbours.
        var previous = Enumerable.Range(0, b.Length + 1).ToArray();
        var current = new int[b.Length + 1];
        for (int i = 1; i <= a.Length; i++)
        {
            current[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                current[j] = Math.Min(replaced, Math.Min(previous[j], current[j - 1]) + 1);
            }

            (previous, current) = (current, previous);
        }

        return previous[b.Length];
    }
}
