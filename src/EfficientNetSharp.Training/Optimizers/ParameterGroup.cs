namespace EfficientNetSharp.Training.Optimizers;

/// <summary>A stretch of the weight vector that an optimizer treats alike.</summary>
/// <param name="Start">Its first value.</param>
/// <param name="Count">Number of its values.</param>
/// <param name="WeightDecay">Decay factor.</param>
/// <param name="RateScale">Its share of the learning rate; 1 but for layer-wise decay.</param>
/// <param name="RowLength">
/// Values of one output unit, for rules that look at units: all weights of an output channel of a convolution, or of an output of a
/// linear layer. A vector (bias, scale, shift) counts as one unit.
/// </param>
internal sealed record ParameterGroup(int Start, int Count, double WeightDecay, double RateScale = 1, int RowLength = 0)
{
    /// <summary>The position after its last value.</summary>
    public int End => Start + Count;
}
