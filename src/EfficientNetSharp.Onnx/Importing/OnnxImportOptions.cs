using EfficientNetSharp.Architectures;

namespace EfficientNetSharp.Onnx.Importing;

/// <summary>How an ONNX file is imported.</summary>
public sealed record OnnxImportOptions
{
    /// <summary>
    /// The network that somebody says it is. It is a claim that is checked: where the file's layers, zeros, epsilons or functions are
    /// others, the import is refused. <see langword="null"/> to find out.
    /// </summary>
    public Architecture? Claim { get; init; }

    /// <summary>
    /// Rows of the input in pixels, for a file that leaves them open; the recognised network's own, or 224, where <see langword="null"/>.
    /// </summary>
    public int? Height { get; init; }

    /// <summary>Columns of the input in pixels; as <see cref="Height"/>.</summary>
    public int? Width { get; init; }
}
