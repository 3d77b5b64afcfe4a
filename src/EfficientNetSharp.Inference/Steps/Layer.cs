using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference.Memory;
using EfficientNetSharp.Inference.Planning;

namespace EfficientNetSharp.Inference.Steps;

/// <summary>What follows a convolution's sums before they are stored.</summary>
/// <param name="Activation">The function.</param>
/// <param name="Slopes">Slopes of a parametric ReLU.</param>
/// <param name="Residual">Another value of the output's shape that is added.</param>
/// <param name="ResidualAfter">Whether it is added after the function rather than before.</param>
internal sealed record Ending(ActivationKind Activation, float[]? Slopes = null, Slot? Residual = null, bool ResidualAfter = false);

/// <summary>The weights of a layer with what follows it.</summary>
/// <param name="Weights">Packed weights; <see langword="null"/> where each image has its own.</param>
/// <param name="ImageWeights">Where each image's are.</param>
/// <param name="Bias">Bias.</param>
/// <param name="Ending">Its function.</param>
/// <param name="Gate">A factor for each input, taken into the weights.</param>
internal sealed record Layer(AlignedBuffer<float>? Weights, Slot? ImageWeights, float[]? Bias, Ending Ending, Slot? Gate = null)
{
    /// <summary>The values that it needs beside its input.</summary>
    public IEnumerable<Slot> Reads => new[] { ImageWeights, Gate, Ending.Residual }.OfType<Slot>();
}
