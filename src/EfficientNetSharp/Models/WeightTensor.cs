using System.Collections.Immutable;

namespace EfficientNetSharp.Models;

/// <summary>A tensor of float32 values, row-major.</summary>
public sealed class WeightTensor
{
    /// <summary>Wraps values; the array is not copied.</summary>
    /// <exception cref="ArgumentException">The number of values is not the product of the dimensions.</exception>
    public WeightTensor(ImmutableArray<int> shape, float[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        long count = shape.Aggregate(1L, (product, dimension) => product * dimension);
        if (count != values.Length)
            throw new ArgumentException($"A tensor of shape [{string.Join(", ", shape)}] has {count} values, found {values.Length}.", nameof(values));
        Shape = shape;
        Values = values;
    }

    /// <summary>Dimensions.</summary>
    public ImmutableArray<int> Shape { get; }

    /// <summary>The values.</summary>
    public float[] Values { get; }
}
