using System.Collections.Immutable;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Weights.Formats;

/// <summary>Shapes out of files, which may say anything.</summary>
internal static class StoredShape
{
    /// <summary>The dimensions as a shape.</summary>
    /// <exception cref="InvalidInputException">A dimension is negative or too large, or there are too many.</exception>
    public static ImmutableArray<int> Check(string path, string tensor, IReadOnlyCollection<long> dimensions)
    {
        if (dimensions.Count > ArrayShape.MaxDimensions)
            throw WeightErrors.Damaged(path,
                $"the tensor {OneLine.Quote(tensor)} has {dimensions.Count} dimensions, expected at most {ArrayShape.MaxDimensions}");
        foreach (long dimension in dimensions)
        {
            if (dimension is < 0 or > int.MaxValue)
                throw WeightErrors.Damaged(path, $"the tensor {OneLine.Quote(tensor)} has a dimension of {dimension}");
        }

        ImmutableArray<int> shape = [.. dimensions.Select(dimension => (int)dimension)];
        if (!ArrayShape.TryCountElements(shape.AsSpan(), out long count) || count > long.MaxValue / sizeof(double))
            throw WeightErrors.Damaged(path,
                $"the tensor {OneLine.Quote(tensor)} of shape [{string.Join(", ", shape)}] has more values than a file can hold");
        return shape;
    }

    /// <summary>The product of checked dimensions.</summary>
    public static long Count(ImmutableArray<int> shape) => shape.Aggregate(1L, (product, dimension) => product * dimension);
}
