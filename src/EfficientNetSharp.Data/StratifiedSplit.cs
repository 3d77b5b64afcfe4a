using System.Collections.Immutable;
using System.Text;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Data;

/// <summary>
/// Sets a share of each class aside for validation. Which images these are follows from the seed and the images' names
/// alone: each name draws a number from a stream of its own, and the smallest numbers of a class go. A dataset that grows
/// therefore keeps most of its split.
/// </summary>
internal static class StratifiedSplit
{
    /// <summary>
    /// Splits a dataset. A class of n ≥ 2 images gives the whole number nearest to n·fraction, but at least one image, and
    /// keeps at least one; a class of one image gives none.
    /// </summary>
    /// <param name="dataset">What to split; its order does not matter.</param>
    /// <param name="validationFraction">The share to set aside, above 0 and below 1.</param>
    /// <param name="seed">Names the split.</param>
    /// <exception cref="InvalidInputException">The fraction is not between 0 and 1.</exception>
    public static (SubsetDataset Train, SubsetDataset Validation) Of(IImageDataset dataset, double validationFraction, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        RequireFraction(validationFraction);
        bool[] aside = new bool[dataset.Count];
        foreach (int[] ofClass in OrderOfClasses(dataset, seed))
        {
            foreach (int index in ofClass.AsSpan(0, Share(ofClass.Length, validationFraction))) aside[index] = true;
        }
        return (Where(dataset, aside, false), Where(dataset, aside, true));
    }

    /// <summary>The images of each class in the order that seed and names draw; the dataset's own order does not matter.</summary>
    internal static int[][] OrderOfClasses(IImageDataset dataset, ulong seed)
    {
        var members = new List<(ulong Draw, string Name, int Index)>[dataset.Classes.Length];
        for (int label = 0; label < members.Length; label++) members[label] = [];
        for (int i = 0; i < dataset.Count; i++)
        {
            string name = dataset.NameOf(i);
            members[dataset.LabelOf(i)].Add((Draw(seed, name), name, i));
        }

        foreach (var ofClass in members) ofClass.Sort(Compare);
        return [.. members.Select(ofClass => ofClass.Select(member => member.Index).ToArray())];
    }

    internal static void RequireFraction(double validationFraction)
    {
        if (!(validationFraction is > 0 and < 1))
        {
            throw new InvalidInputException(FormattableString.Invariant(
                $"Expected a validation fraction above 0 and below 1, found {validationFraction}. 0.2 sets every fifth image aside."));
        }
    }

    private static int Share(int count, double fraction) =>
        count < 2 ? 0 : Math.Clamp((int)Math.Round(count * fraction, MidpointRounding.AwayFromZero), 1, count - 1);

    /// <summary>The number that a name draws.</summary>
    internal static ulong Draw(ulong seed, string name)
    {
        // FNV-1a with its 64-bit constants (Fowler, Noll, Vo) makes the name a number; the generator's mixer does the rest.
        ulong hash = 0xCBF29CE484222325;
        foreach (byte b in Encoding.UTF8.GetBytes(name)) hash = (hash ^ b) * 0x100000001B3;
        return new SeededRandom(seed, hash).NextUInt64();
    }

    private static int Compare((ulong Draw, string Name, int Index) a, (ulong Draw, string Name, int Index) b)
    {
        int byDraw = a.Draw.CompareTo(b.Draw);
        if (byDraw != 0) return byDraw;
        int byName = CodePointOrder.Instance.Compare(a.Name, b.Name);
        return byName != 0 ? byName : a.Index.CompareTo(b.Index);
    }

    private static SubsetDataset Where(IImageDataset dataset, bool[] aside, bool wanted) =>
        new(dataset, Enumerable.Range(0, aside.Length).Where(i => aside[i] == wanted).ToImmutableArray());
}
