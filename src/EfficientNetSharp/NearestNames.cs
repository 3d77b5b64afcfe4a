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

    /// <summary>
    /// The question that ends a message about a name that is not known, such as <c> Did you mean 'export'?</c>, with the blank before it;
    /// empty where nothing known is near enough to have been meant: a third of its letters may be wrong, or two of a word of four, such as
    /// two that changed places; or its beginning was typed.
    /// </summary>
    /// <param name="wanted">What was typed. Case does not count.</param>
    /// <param name="known">The names that there are.</param>
    public static string Question(string wanted, IEnumerable<string> known)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        ArgumentNullException.ThrowIfNull(known);
        string lower = wanted.ToLowerInvariant();
        string bare = lower.TrimStart('-');
        var near = known.Distinct()
            .Select(name => (Name: name, Distance: EditDistance(lower, name.ToLowerInvariant())))
            .Where(one => one.Distance <= Allowed(one.Name)
                || (bare.Length >= 2 && one.Name.TrimStart('-').StartsWith(bare, StringComparison.OrdinalIgnoreCase)))
            .OrderBy(one => one.Distance).Take(3).Select(one => $"'{one.Name}'").ToList();
        return near.Count switch
        {
            0 => "",
            1 => $" Did you mean {near[0]}?",
            _ => $" Did you mean {string.Join(", ", near.SkipLast(1))} or {near[^1]}?",
        };

        static int Allowed(string name)
        {
            int letters = name.TrimStart('-').Length;
            return Math.Max(letters >= 4 ? 2 : 1, letters / 3);
        }
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
