namespace EfficientNetSharp.Onnx;

/// <summary>How an ONNX file is read.</summary>
public sealed record OnnxReadOptions
{
    /// <summary>
    /// Rows of the input in pixels, for a file that leaves them open; the card's where <see langword="null"/> and the file has one. A
    /// fixed height may be named too, but only as it is.
    /// </summary>
    public int? Height { get; init; }

    /// <summary>Columns of the input in pixels; as <see cref="Height"/>.</summary>
    public int? Width { get; init; }

    /// <summary>
    /// Side in pixels that a file which leaves its size open is read for where nothing else says one; <see langword="null"/> to refuse it.
    /// </summary>
    public int? UsualSize { get; init; }
}
