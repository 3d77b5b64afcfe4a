using System.Collections.Immutable;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Architectures;

/// <summary>Remembers, while a network is built, the last map at each stride: the pyramid that detectors and segmenters take.</summary>
internal sealed class FeatureMaps
{
    private readonly SortedDictionary<int, Node> _last = [];
    private int _stride = 1;

    /// <summary>Notes a map that steps by <paramref name="stride"/> over the one noted before.</summary>
    public void Pass(Node map, int stride)
    {
        _stride *= stride;
        _last[_stride] = map;
    }

    /// <summary>The maps at the given strides, in the given order.</summary>
    /// <exception cref="InvalidInputException">The network has no map at one of them, or one is named twice.</exception>
    public ImmutableArray<Node> At(ImmutableArray<int> strides, string architecture)
    {
        foreach (int stride in strides)
        {
            if (!_last.ContainsKey(stride) || strides.Count(other => other == stride) > 1)
            {
                throw new InvalidInputException(
                    $"Architecture '{architecture}' has feature maps at strides {string.Join(", ", _last.Keys)}, each to be named once; found {string.Join(", ", strides)}.");
            }
        }

        return [.. strides.Select(stride => _last[stride])];
    }
}
