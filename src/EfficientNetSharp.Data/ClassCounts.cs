namespace EfficientNetSharp.Data;

/// <summary>How many images the classes of a dataset have.</summary>
public static class ClassCounts
{
    /// <summary>Images by class, in the order of <see cref="IImageDataset.Classes"/>.</summary>
    /// <param name="dataset">The images.</param>
    public static int[] CountsOfClasses(this IImageDataset dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        int[] counts = new int[dataset.Classes.Length];
        for (int i = 0; i < dataset.Count; i++) counts[dataset.LabelOf(i)]++;
        return counts;
    }
}
