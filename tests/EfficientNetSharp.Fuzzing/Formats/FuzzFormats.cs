using System.Collections.Immutable;

namespace EfficientNetSharp.Fuzzing.Formats;

/// <summary>All formats.</summary>
public static class FuzzFormats
{
    /// <summary>Everything that is read from outside.</summary>
    public static ImmutableArray<FuzzFormat> All { get; } =
    [
        .. WeightFormats.All, .. NetworkFormats.All, .. ImageFormats.All, .. DatasetFormats.All, .. RunFormats.All, .. ArchiveFormats.All,
            .. GalleryFormats.All,
    ];

    /// <summary>The format of a name.</summary>
    public static FuzzFormat Get(string name) => All.FirstOrDefault(format => format.Name == name) ?? Planted.Find(name)
        ?? throw new ArgumentException($"There is no format '{name}'; there are {string.Join(", ", All.Select(format => format.Name))}.");
}
