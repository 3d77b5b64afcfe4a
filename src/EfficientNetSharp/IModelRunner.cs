using System.Collections.Immutable;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp;

/// <summary>
/// The one seam for running a network: a batch of images in, a batch of rows out. Backends implement it; evaluation,
/// prediction and quantization know only this.
/// </summary>
/// <remarks>
/// <para>
/// One runner may be used by any number of threads at once: each call has the result that it would have alone. A backend
/// that cannot work on several calls at once lets them wait for each other itself. Only <see cref="IDisposable.Dispose"/> must
/// not be called while another call is under way.
/// </para>
/// <para>
/// A network yields one row or map an image, as classifiers and embeddings do, or several, as one does that is built with
/// <see cref="Models.Model.BuildFeatureGraph"/>. Whoever wants only the first need not care.
/// </para>
/// </remarks>
public interface IModelRunner : IDisposable
{
    /// <summary>The backend's name as the command line spells it, for example <c>onnxruntime</c> or <c>torch</c>.</summary>
    string Backend { get; }

    /// <summary>The shape of one input image, [C,H,W].</summary>
    TensorShape InputShape { get; }

    /// <summary>The shape of one row of the output, of the first one where there are several.</summary>
    TensorShape OutputShape { get; }

    /// <summary>The shape of one row of each output, in the order of the graph's; one where the backend does not say more.</summary>
    ImmutableArray<TensorShape> OutputShapes => [OutputShape];

    /// <summary>Runs a batch for its output, the first one where there are several.</summary>
    /// <param name="input">Normalised images [N,C,H,W], row-major.</param>
    /// <param name="batch">N, at least 1.</param>
    /// <param name="output">Receives [N, …<see cref="OutputShape"/>], for a classifier the logits [N,classes].</param>
    /// <exception cref="ArgumentException">A span's length does not fit the batch and the shapes.</exception>
    void Run(ReadOnlySpan<float> input, int batch, Span<float> output);

    /// <summary>Runs a batch for all outputs.</summary>
    /// <param name="input">Normalised images [N,C,H,W], row-major.</param>
    /// <param name="batch">N, at least 1.</param>
    /// <param name="outputs">For each of <see cref="OutputShapes"/>, what receives [N, …shape].</param>
    /// <exception cref="ArgumentException">The number of outputs or a length does not fit the batch and the shapes.</exception>
    void RunAll(ReadOnlySpan<float> input, int batch, params ReadOnlySpan<Memory<float>> outputs)
    {
        if (outputs.Length != 1) throw new ArgumentException($"The network has 1 output, found room for {outputs.Length}.",
            nameof(outputs));
        Run(input, batch, outputs[0].Span);
    }
}
