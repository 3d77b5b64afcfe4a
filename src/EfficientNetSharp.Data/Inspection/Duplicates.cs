namespace EfficientNetSharp.Data.Inspection;

/// <summary>Groups images that are equal, then groups of those that look alike.</summary>
internal static class Duplicates
{
    /// <summary>Groups of two and more, members rising, groups by their first member.</summary>
    /// <param name="contents">A digest of each file.</param>
    /// <param name="hashes">The perceptual hash of each image; <see langword="null"/> where it does not decode.</param>
    /// <param name="distance">In how many bits hashes of a group may differ; −1 for equal files only.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>
    /// Groups of equal files; and groups of near ones, in which each image is near another, of equal files only the first.
    /// </returns>
    public static List<(int[] Members, bool IsExact)> Find(
        UInt128[] contents, ulong?[] hashes, int distance, CancellationToken cancellationToken)
    {
        int[] readable = [.. Enumerable.Range(0, contents.Length).Where(at => hashes[at] is not null)];
        var byContent = readable.GroupBy(at => contents[at]).Select(group => group.ToArray()).ToList();
        List<(int[] Members, bool IsExact)> groups = [.. byContent.Where(group => group.Length > 1).Select(group => (group, true))];
        if (distance < 0) return groups;

        // Equal hashes are one entry of the index: thousands of blank images would otherwise be compared with each other.
        var byHash = byContent.Select(group => group[0]).GroupBy(at => hashes[at]!.Value)
            .Select(group => (Hash: group.Key, Members: group.ToArray())).ToArray();
        var index = new NearHashIndex([.. byHash.Select(entry => entry.Hash)]);
        int[] roots = [.. Enumerable.Range(0, byHash.Length)];
        for (int i = 0; i < byHash.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (int other in index.After(i, distance)) Join(roots, i, other);
        }

        groups.AddRange(
            Enumerable.Range(0, byHash.Length).GroupBy(i => Root(roots, i))
            .Select(group => group.SelectMany(i => byHash[i].Members).Order().ToArray())
            .Where(members => members.Length > 1).OrderBy(members => members[0]).Select(members => (members, false)));
        return groups;
    }

    private static void Join(int[] roots, int a, int b)
    {
        (a, b) = (Root(roots, a), Root(roots, b));
        roots[Math.Max(a, b)] = Math.Min(a, b);
    }

    private static int Root(int[] roots, int at)
    {
        // Halving the way keeps later ones short.
        while (roots[at] != at) at = roots[at] = roots[roots[at]];
        return at;
    }
}
