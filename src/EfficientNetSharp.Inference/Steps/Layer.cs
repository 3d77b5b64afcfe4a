using System.Runtime.CompilerServices;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference.Memory;
using EfficientNetSharp.Inference.Layout;

namespace EfficientNetSharp.Inference.Steps;

/// <summary>
/// What follows a layer's sums before they are stored, as the plan has it; <see cref="Kernels.ITileEpilogue"/> and
/// <see cref="Kernels.EpilogueKernel{TSimd,TVector}"/> compute it.
/// </summary>
/// <param name="Activation">The function.</param>
/// <param name="Slopes">Slopes of a parametric ReLU.</param>
/// <param name="Residual">Another value of the output's shape that is added.</param>
/// <param name="ResidualAfter">Whether it is added after the function rather than before.</param>
internal sealed record LayerEpilogue(ActivationKind Activation, float[]? Slopes = null, Slot? Residual = null, bool ResidualAfter = false);

/// <summary>The weights of a layer with what follows it.</summary>
/// <param name="Weights">Packed weights; <see langword="null"/> where they are mixed for each image.</param>
/// <param name="PerImageWeights">Where the mixed weights of each image are.</param>
/// <param name="Bias">Bias.</param>
/// <param name="Epilogue">What follows the sums.</param>
/// <param name="Gate">A factor for each input, taken into the weights.</param>
internal sealed record Layer(AlignedBuffer<float>? Weights, Slot? PerImageWeights, float[]? Bias, LayerEpilogue Epilogue, Slot? Gate = null)
{
    /// <summary>The weights for an image: the layer's, or those mixed for it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe float* WeightsOf(in Frame frame, int image) =>
        PerImageWeights is null ? Weights!.Pointer : frame.At<float>(PerImageWeights, image);

    /// <summary>The values that it needs beside its input.</summary>
    public IEnumerable<Slot> Reads => new[] { PerImageWeights, Gate, Epilogue.Residual }.OfType<Slot>();
}
