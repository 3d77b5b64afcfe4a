namespace EfficientNetSharp.Arrays;

/// <summary>Shapes out of files, whose dimensions may be anything.</summary>
public static class ArrayShape
{
    /// <summary>Dimensions that an array may have: 64, NumPy 2's limit (its <c>NPY_MAXDIMS</c>).</summary>
    public const int MaxDimensions = 64;

    /// <summary>Counts the elements of an array.</summary>
    /// <param name="shape">Its dimensions, none negative; empty for a single value.</param>
    /// <param name="count">The product of the dimensions.</param>
    /// <returns>Whether the product fits 64 bits.</returns>
    public static bool TryCountElements(ReadOnlySpan<int> shape, out long count)
    {
        count = 1;
        foreach (int dimension in shape)
        {
            if (dimension != 0 && count > long.MaxValue / dimension) return false;
            count *= dimension;
        }

        return true;
    }
}
