using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Running;

/// <summary>How a file is read as a network.</summary>
public sealed record ModelReadOptions
{
    /// <summary>
    /// Size of the images; the file's own where <see langword="null"/>. A file that was made for one size refuses another.
    /// </summary>
    public InputSize? Size { get; init; }

    /// <summary>
    /// Whether the file has to say what its images are and what its outputs mean; one that does not is refused. Default
    /// <see langword="false"/>, which is enough for tensors.
    /// </summary>
    public bool NeedsCard { get; init; }
}
