using System.Collections.Immutable;

namespace EfficientNetSharp.Data.Pairs;

/// <summary>Pairs of images to verify: does each pair show one identity or two?</summary>
public sealed record VerificationPairs
{
    /// <summary>
    /// The images, each once however many pairs it is in. Its class is its identity: what the file says, or else what follows from the
    /// pairs, images that are the same as one image being one identity.
    /// </summary>
    public required IImageDataset Images { get; init; }

    /// <summary>The images of the pairs [2 · pairs]: those of pair k are at 2k and 2k + 1.</summary>
    public required ImmutableArray<int> Members { get; init; }

    /// <summary>For each pair whether both images are of one identity.</summary>
    public required ImmutableArray<bool> IsSame { get; init; }

    /// <summary>What the file is, such as <c>LFW pairs</c>.</summary>
    public required string Format { get; init; }

    /// <summary>What a person should know, one line each.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];

    /// <summary>What the file names and is not among the images.</summary>
    public ImmutableArray<LeftOut> LeftOut { get; init; } = [];

    /// <summary>Whether a path is a file of pairs by its name.</summary>
    /// <param name="path">A path.</param>
    public static bool IsCalledSo(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return PairBin.IsCalledSo(path) || PairLists.IsCalledSo(path);
    }

    /// <summary>
    /// Opens a file of pairs: <c>.bin</c> as insightface writes it (a pickle, of which nothing is run), or a text: LFW's <c>pairs.txt</c>;
    /// CPLFW's and CALFW's, two lines per pair; or a table of two paths and whether they are the same (1, 0).
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="images">The folder that paths are relative to; the file's own if not given.</param>
    /// <exception cref="InvalidInputException">It is no such file, or damaged, or none of its images is there.</exception>
    public static VerificationPairs Open(string path, string? images = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (!PairBin.IsCalledSo(path)) return PairLists.Open(path, images);
        return images is null
            ? PairBin.Open(path)
            : throw new InvalidInputException($"'{path}' holds its images itself; leave out the folder '{images}'.");
    }
}
