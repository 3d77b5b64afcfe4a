namespace EfficientNetSharp.Onnx;

/// <summary>How ONNX Runtime runs a network.</summary>
public sealed record OnnxRuntimeOptions
{
    /// <summary>Threads that work on one call; 0, the default, for one per core. Calls from several threads share them.</summary>
    public int Threads { get; init; }

    /// <summary>
    /// Whether ONNX Runtime rewrites the network for speed first; default <see langword="true"/>. Where it does not, it runs operator by
    /// operator what the file says: a quantized network in floats between its roundings.
    /// </summary>
    public bool Optimizes { get; init; } = true;

    /// <summary>Rows of the images in pixels, for a file that takes any size; otherwise only the file's own is allowed.</summary>
    public int? Height { get; init; }

    /// <summary>Columns of the images in pixels, for a file that takes any size; otherwise only the file's own is allowed.</summary>
    public int? Width { get; init; }
}
