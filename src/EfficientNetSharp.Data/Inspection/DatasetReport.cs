using System.Collections.Immutable;

namespace EfficientNetSharp.Data.Inspection;

/// <summary>An image of a part.</summary>
/// <param name="Part">One of <see cref="PartNames"/>.</param>
/// <param name="Index">Its number in the part.</param>
/// <param name="Name">Its name in the dataset.</param>
/// <param name="Class">Its class.</param>
public sealed record InspectedImage(string Part, int Index, string Name, string Class);

/// <summary>An image that does not decode.</summary>
/// <param name="Image">Which.</param>
/// <param name="Reason">One line.</param>
public sealed record UnreadableImage(InspectedImage Image, string Reason);

/// <summary>Smallest, median and largest of a measure; the median of an even number is the lower of the two in the middle.</summary>
public readonly record struct Spread(double Minimum, double Median, double Maximum);

/// <summary>Images that are the same or nearly so.</summary>
/// <param name="Images">Two or more, in the order of the parts.</param>
/// <param name="IsExact">Whether the files are equal byte for byte; else their perceptual hashes are near.</param>
public sealed record DuplicateGroup(ImmutableArray<InspectedImage> Images, bool IsExact)
{
    /// <summary>Whether it spans parts, so that what is measured was seen in training.</summary>
    public bool IsLeak => Images.Any(image => image.Part != Images[0].Part);

    /// <summary>Whether its images have different classes.</summary>
    public bool IsContradiction => Images.Any(image => image.Class != Images[0].Class);
}

/// <summary>What one part holds.</summary>
public sealed record PartReport
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>How many images it lists.</summary>
    public required int Count { get; init; }

    /// <summary>Images of each class, in the order of the classes.</summary>
    public required ImmutableArray<int> ClassCounts { get; init; }

    /// <summary>Widths in pixels, of those that decode.</summary>
    public required Spread Widths { get; init; }

    /// <summary>Heights in pixels.</summary>
    public required Spread Heights { get; init; }

    /// <summary>Width divided by height.</summary>
    public required Spread Aspects { get; init; }

    /// <summary>Files by format, the most frequent first.</summary>
    public required ImmutableArray<KeyValuePair<string, int>> Formats { get; init; }

    /// <summary>Files by what their pixels are made of, the most frequent first.</summary>
    public required ImmutableArray<KeyValuePair<string, int>> Channels { get; init; }
}

/// <summary>What <see cref="DatasetInspector"/> found.</summary>
public sealed record DatasetReport
{
    /// <summary>The layout.</summary>
    public required string Format { get; init; }

    /// <summary>The class list.</summary>
    public required ImmutableArray<string> Classes { get; init; }

    /// <summary>The parts.</summary>
    public required ImmutableArray<PartReport> Parts { get; init; }

    /// <summary>Images that do not decode.</summary>
    public required ImmutableArray<UnreadableImage> Broken { get; init; }

    /// <summary>Images that are there more than once, exact groups first, leaks first among each.</summary>
    public required ImmutableArray<DuplicateGroup> Duplicates { get; init; }

    /// <summary>What lies in the dataset, or is named by a list of it, and is not among its images.</summary>
    public required ImmutableArray<LeftOut> LeftOut { get; init; }

    /// <summary>What opening the dataset warned of; what was left out is told of as well.</summary>
    public required ImmutableArray<string> Warnings { get; init; }
}
