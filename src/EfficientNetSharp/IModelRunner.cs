namespace EfficientNetSharp;

/// <summary>
/// The one seam for running a network: a batch of pictures in, a batch of rows out. Backends implement it; evaluation,
/// prediction and quantization know only this.
/// </summary>
public interface IModelRunner : IDisposable
{
    /// <summary>The backend's name as the command line spells it, for example <c>onnxruntime</c> or <c>torch</c>.</summary>
    string Backend { get; }

    /// <summary>The shape of one input picture, [C,H,W].</summary>
    Graphs.TensorShape InputShape { get; }

    /// <summary>The shape of one output row.</summary>
    Graphs.TensorShape OutputShape { get; }

    /// <summary>Runs a batch.</summary>
    /// <param name="input">Normalised pictures [N,C,H,W], row-major.</param>
    /// <param name="batch">N, at least 1.</param>
    /// <param name="output">Receives [N, …<see cref="OutputShape"/>], for a classifier the logits [N,classes].</param>
    /// <exception cref="ArgumentException">A span's length does not fit the batch and the shapes.</exception>
    void Run(ReadOnlySpan<float> input, int batch, Span<float> output);
}
