using System.Collections.Immutable;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Training.Torch;
using EfficientNetSharp.Training.Torch.Functions;

namespace EfficientNetSharp.Training.Rounding;

/// <summary>Shows layers rounded kernels in place of those that learn, and brings the gradients back through the rounding.</summary>
internal sealed unsafe class RoundedKernels(NetworkRounding rounding) : ILayerView
{
    private ImmutableArray<(string Name, int Offset, int Count)> _kernels;
    private (int Offset, int Count) _scales;

    /// <inheritdoc />
    public void Place(IEnumerable<(Parameter Parameter, long Offset)> layout)
    {
        var places = layout.ToDictionary(entry => entry.Parameter.Name, entry => ((int)entry.Offset, (int)entry.Parameter.Count), StringComparer.Ordinal);
        _kernels = [.. rounding.KernelNames.Select(name => (name, places[name].Item1, places[name].Item2))];
        _scales = places.GetValueOrDefault(NetworkRounding.KernelScales);
    }

    /// <inheritdoc />
    public void Show(ReadOnlySpan<float> values, Span<float> shown)
    {
        var logScales = values.Slice(_scales.Offset, _scales.Count);
        fixed (float* to = shown)
        {
            foreach (var (name, offset, count) in _kernels)
            {
                var grids = rounding.GridsOf(name, logScales);
                int length = count / grids.Length;
                for (int i = 0; i < grids.Length; i++)
                {
                    float* row = to + offset + (i * length);
                    RoundingFunction.Forward(row, row, length, grids[i]);
                }
            }
        }
    }

    /// <inheritdoc />
    public void TakeBack(ReadOnlySpan<float> values, Span<float> gradients)
    {
        var logScales = values.Slice(_scales.Offset, _scales.Count);
        fixed (float* x = values, gradient = gradients)
        {
            foreach (var (name, offset, count) in _kernels)
            {
                var grids = rounding.GridsOf(name, logScales);
                int length = count / grids.Length, place = rounding.PlaceOf(name);
                for (int i = 0; i < grids.Length; i++)
                {
                    int at = offset + (i * length);
                    double scale = RoundingFunction.Backward(x + at, gradient + at, length, grids[i]);
                    if (place >= 0) gradient[_scales.Offset + place + i] += (float)scale;
                }
            }
        }
    }
}
