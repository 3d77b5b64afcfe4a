using System.Collections.Immutable;
using EfficientNetSharp.Imaging;

namespace EfficientNetSharp.Data.Inspection;

/// <summary>What <see cref="SampleInspector"/> found of images that are to stand for others.</summary>
public sealed record SampleReport
{
    // Below that, ranges depend on the one image more than on the network.
    private const int Few = 32;

    /// <summary>How many images there are.</summary>
    public required int Count { get; init; }

    /// <summary>The network's input.</summary>
    public required ImageSize Input { get; init; }

    /// <summary>Images of a single colour.</summary>
    public required ImmutableArray<string> Blank { get; init; }

    /// <summary>Images with fewer rows or columns than the network's input.</summary>
    public required ImmutableArray<string> Small { get; init; }

    /// <summary>Images that are the same or look so, in groups.</summary>
    public required ImmutableArray<ImmutableArray<string>> Duplicates { get; init; }

    /// <summary>Classes of the dataset.</summary>
    public required int Classes { get; init; }

    /// <summary>Classes that the images are of.</summary>
    public required int ClassesSeen { get; init; }

    /// <summary>What a person should know before trusting them, a line each, with the images' names.</summary>
    /// <param name="areClasses">Whether the classes mean anything; images in one folder have none.</param>
    public ImmutableArray<string> Warnings(bool areClasses)
    {
        var warnings = ImmutableArray.CreateBuilder<string>();
        if (Count < Few)
            warnings.Add($"only {NumberText.Counted(Count, "image")} to calibrate with; ranges are trustworthy from about {Few}, better 128.");
        if (!Blank.IsEmpty)
            warnings.Add($"{NumberText.Counted(Blank.Length, "image")} of a single colour ({NameList.Of(Blank)}): they say nothing of the network's ranges.");
        foreach (var group in Duplicates.Take(3))
            warnings.Add($"{group.Length} images are the same or nearly so ({NameList.Of(group)}) and count as often.");
        if (Duplicates.Length > 3) warnings.Add($"{Duplicates.Length - 3} more groups of images are the same or nearly so.");
        if (!Small.IsEmpty)
        {
            string verb = Small.Length == 1 ? "is" : "are";
            warnings.Add(
                $"{NumberText.Counted(Small.Length, "image")} {verb} smaller than the network's {Input.Height}×{Input.Width} ({NameList.Of(Small)}): enlarged images lack the detail that sets ranges.");
        }

        if (areClasses && ClassesSeen == 1 && Count > 1)
            warnings.Add(Classes > 1 ? $"all images are of one class of {Classes}; ranges of the others may be wider." : "all images are of one class; ranges of others may be wider.");
        return warnings.ToImmutable();
    }
}
