namespace EfficientNetSharp.Onnx;

/// <summary>How ONNX Runtime runs a network.</summary>
public sealed record OnnxRuntimeOptions
{
    /// <summary>Threads that work on one call; 0, the default, for one per core. Calls from several threads share them.</summary>
    public int Threads { get; init; }

    /// <summary>Rows of the images in pixels, for a file that takes any size; otherwise only the file's own is allowed.</summary>
    public int? Height { get; init; }

    /// <summary>Columns of the images in pixels, for a file that takes any size; otherwise only the file's own is allowed.</summary>
    public int? Width { get; init; }
}
