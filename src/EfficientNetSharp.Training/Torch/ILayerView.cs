using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Training.Torch;

/// <summary>What layers see in place of the values that learn.</summary>
internal interface ILayerView
{
    /// <summary>Told once where the tensors lie in the vectors.</summary>
    void Place(IEnumerable<(Parameter Parameter, long Offset)> layout);

    /// <summary>Changes what the layers see, which is a copy of the values at first.</summary>
    void Show(ReadOnlySpan<float> values, Span<float> shown);

    /// <summary>Makes the gradients of what the layers saw those of the values.</summary>
    void TakeBack(ReadOnlySpan<float> values, Span<float> gradients);
}
