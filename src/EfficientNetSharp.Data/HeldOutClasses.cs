namespace EfficientNetSharp.Data;

/// <summary>
/// Sets whole classes aside, as an embedding is judged on identities that it has not learned. Which they are follows from the seed and the
/// classes' names alone, as <see cref="StratifiedSplit"/> does with images.
/// </summary>
internal static class HeldOutClasses
{
    /// <summary>
    /// Splits a dataset: of C classes the whole number nearest to C·fraction go, but at least one, and at least two stay. Those of one image
    /// stay, as nothing could be compared with it.
    /// </summary>
    /// <param name="dataset">What to split.</param>
    /// <param name="fraction">The share of the classes, above 0 and below 1.</param>
    /// <param name="seed">Names the split.</param>
    /// <returns>Both parts, each with its own class list; nothing is aside where there are too few classes.</returns>
    public static (IImageDataset Train, IImageDataset Aside) Of(IImageDataset dataset, double fraction, ulong seed)
    {
        StratifiedSplit.RequireFraction(fraction);
        int[] counts = dataset.CountsOfClasses();
        int present = counts.Count(count => count > 0);
        int[] fit = [.. Enumerable.Range(0, counts.Length).Where(label => counts[label] > 1)
            .OrderBy(label => StratifiedSplit.Draw(seed, dataset.Classes[label]))
            .ThenBy(label => dataset.Classes[label], CodePointOrder.Instance)];
        int wanted = Math.Max(1, (int)Math.Round(present * fraction, MidpointRounding.AwayFromZero));
        var aside = fit.Take(Math.Max(0, Math.Min(wanted, present - 2))).ToHashSet();
        return (Where(false), Where(true));

        IImageDataset Where(bool wantsAside) => PresentClasses.Of(new SubsetDataset(
            dataset, [.. Enumerable.Range(0, dataset.Count).Where(i => aside.Contains(dataset.LabelOf(i)) == wantsAside)]));
    }
}
