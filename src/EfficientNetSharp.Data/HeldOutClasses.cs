namespace EfficientNetSharp.Data;

/// <summary>
/// Sets whole classes aside, as an embedding is judged on identities that it has not learned. Which they are follows from the seed and the
/// classes' names alone, as <see cref="StratifiedSplit"/> does with images.
/// </summary>
internal static class HeldOutClasses
{
    /// <summary>
    /// Splits a dataset: of the C classes that have two images or more the whole number nearest to C·fraction go, but at least two, and at
    /// least two classes stay. Those of one image stay, as it could be compared with nothing.
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
        int wanted = Math.Min(Math.Max(2, (int)Math.Round(fit.Length * fraction, MidpointRounding.AwayFromZero)), present - 2);
        var aside = fit.Take(wanted < 2 || fit.Length < 2 ? 0 : wanted).ToHashSet();
        return (Where(false), Where(true));

        IImageDataset Where(bool wantsAside) => PresentClasses.Of(new SubsetDataset(
            dataset, [.. Enumerable.Range(0, dataset.Count).Where(i => aside.Contains(dataset.LabelOf(i)) == wantsAside)]));
    }
}
