using System.Collections.Immutable;
using System.Globalization;

namespace EfficientNetSharp.Data.Pairs;

/// <summary>Whose images are, told from pairs.</summary>
internal static class PairIdentities
{
    /// <summary>
    /// The identity of each image. Its folder's, where folders agree with all pairs; else images that pairs call the same are one identity.
    /// </summary>
    /// <param name="names">The images' names.</param>
    /// <param name="members">The images of the pairs, two by two.</param>
    /// <param name="same">Whether pairs are of one identity.</param>
    /// <param name="warnings">Receives what does not fit.</param>
    public static (int[] Labels, ImmutableArray<string> Classes) Of(
        IReadOnlyList<string> names, IReadOnlyList<int> members, IReadOnlyList<bool> same, List<string> warnings)
    {
        string[] folders = [.. names.Select(name => name.LastIndexOf('/') is >= 0 and var cut ? name[..cut] : "")];
        bool foldersAgree = Enumerable.Range(0, same.Count).All(
            pair => folders[members[2 * pair]] == folders[members[(2 * pair) + 1]] == same[pair]);
        if (foldersAgree) return Number(folders);

        int[] roots = [.. Enumerable.Range(0, names.Count)];
        for (int pair = 0; pair < same.Count; pair++)
        {
            if (same[pair]) roots[Root(roots, members[2 * pair])] = Root(roots, members[(2 * pair) + 1]);
        }

        string[] contradictions = [.. Enumerable.Range(0, same.Count)
            .Where(pair => !same[pair] && Root(roots, members[2 * pair]) == Root(roots, members[(2 * pair) + 1]))
            .Select(pair => $"{names[members[2 * pair]]} and {names[members[(2 * pair) + 1]]}")];
        if (contradictions.Length > 0)
        {
            warnings.Add(
                $"{NumberText.Counted(contradictions.Length, "pair")} called different by the list, while other pairs make them the same: " +
                $"{NameList.Of(contradictions)}.");
        }

        return Number([.. roots.Select((_, image) => Root(roots, image).ToString(CultureInfo.InvariantCulture))]);
    }

    private static (int[] Labels, ImmutableArray<string> Classes) Number(string[] keys)
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        int[] labels = [.. keys.Select(key => places.TryGetValue(key, out int place) ? place : places[key] = places.Count)];
        return (labels, [.. places.Keys]);
    }

    private static int Root(int[] roots, int image)
    {
        while (roots[image] != image) image = roots[image] = roots[roots[image]];
        return image;
    }
}
