using System.Collections.Immutable;
using EfficientNetSharp.Data.Loading;
using EfficientNetSharp.Evaluation.Reports.Writing;

namespace EfficientNetSharp.Evaluation.Reports;

/// <summary>A warning that names images which could not be read.</summary>
internal static class UnreadableImages
{
    // What a reader looks through; the evaluation's JSON has all.
    private const int Named = 20;

    /// <summary>Writes the warning; nothing where there is none of them.</summary>
    /// <param name="page">Where to.</param>
    /// <param name="count">How many there are.</param>
    /// <param name="images">Which, as far as they are known.</param>
    /// <param name="what">What became of them, after “3 images”.</param>
    public static void Write(MarkupWriter page, long count, ImmutableArray<BrokenImage> images, string what)
    {
        if (count == 0) return;
        using (page.Open("p", ("class", "warning")))
        {
            page.Text($"{Numbers.Counted(count, "image", "images")} {what}{(images.IsEmpty ? "." : ":")}");
            foreach (var image in images.Take(Named)) page.Element("span", image.ToLine(), ("class", "item"));
            if (!images.IsEmpty && count > Named) page.Element("span", $"… and {Numbers.Whole(count - Named)} more", ("class", "item"));
        }
    }
}
