using System.Collections.Immutable;

namespace EfficientNetSharp.Data;

/// <summary>Why something that lies in a dataset, or that a list of it names, is not among its images.</summary>
public enum LeftOutReason
{
    /// <summary>A file that is no image by its name.</summary>
    NotImage,

    /// <summary>An image of a format that is not decoded, by its name (.heic, .tif, …).</summary>
    OtherFormat,

    /// <summary>A hidden file or folder, or one that an operating system or a program made for itself (__MACOSX, Thumbs.db).</summary>
    Hidden,

    /// <summary>A folder that is neither a part nor a class.</summary>
    OtherFolder,

    /// <summary>An image without a label.</summary>
    Unlabelled,

    /// <summary>An image that a list names again, with the same label.</summary>
    Duplicate,

    /// <summary>An image that a list names and that is not there.</summary>
    Missing,

    /// <summary>An image of a class that the class list does not have.</summary>
    OtherClass,

    /// <summary>An image that cannot be read or decoded.</summary>
    Unreadable,
}

/// <summary>What was left out of a dataset for one reason.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Names">Names relative to the dataset, all of them, in the order in which they were found.</param>
public sealed record LeftOut(LeftOutReason Reason, ImmutableArray<string> Names)
{
    /// <summary>How many.</summary>
    public int Count => Names.Length;

    /// <summary>Replaces the reason's own words where a reader has more to say; follows the count.</summary>
    internal string? What { get; init; }

    /// <summary>One line for people: the number, the reason, and the first names.</summary>
    public override string ToString() => $"Left out {Count} {What ?? Words}: {NameList.Of(Names)}.";

    private string Words => Reason switch
    {
        LeftOutReason.NotImage => Number("file that is no image", "files that are no images"),
        LeftOutReason.OtherFormat => Number("image of a format that is not read", "images of formats that are not read") + Endings(),
        LeftOutReason.Hidden => Number("hidden or system entry", "hidden or system entries"),
        LeftOutReason.OtherFolder => Number("folder that is no part", "folders that are no parts"),
        LeftOutReason.Unlabelled => Number("image without a label", "images without a label"),
        LeftOutReason.Duplicate => Number("image that is listed twice", "images that are listed more than once"),
        LeftOutReason.Missing => Number("image that is not there", "images that are not there"),
        LeftOutReason.OtherClass => Number("image of another class", "images of other classes"),
        LeftOutReason.Unreadable => Number("image that cannot be read", "images that cannot be read"),
        _ => throw new System.Runtime.CompilerServices.SwitchExpressionException(Reason),
    };

    private string Number(string one, string many) => Count == 1 ? one : many;

    private string Endings() =>
        $" ({string.Join(' ', Names.Select(name => Path.GetExtension(name).ToLowerInvariant()).Distinct().Order(StringComparer.Ordinal))})";
}

/// <summary>Gathers what a reader leaves out, by reason.</summary>
internal sealed class LeftOutCollector
{
    private readonly SortedDictionary<LeftOutReason, List<string>> _names = [];

    public void Add(LeftOutReason reason, string name)
    {
        if (!_names.TryGetValue(reason, out var names)) _names.Add(reason, names = []);
        names.Add(name);
    }

    /// <summary>Takes over what another reader left out, its names below a folder.</summary>
    public void Add(IEnumerable<LeftOut> others, string folder = "")
    {
        foreach (var other in others)
        {
            foreach (string name in other.Names) Add(other.Reason, folder.Length == 0 ? name : $"{folder}/{name}");
        }
    }

    public ImmutableArray<LeftOut> ToImmutable() => [.. _names.Select(pair => new LeftOut(pair.Key, [.. pair.Value]))];
}
