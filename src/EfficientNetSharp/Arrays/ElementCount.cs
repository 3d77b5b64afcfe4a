namespace EfficientNetSharp.Arrays;

/// <summary>Products of dimensions out of files, which may be anything.</summary>
internal static class ElementCount
{
    /// <summary>Dimensions that an array may have: NumPy 2's limit (its <c>NPY_MAXDIMS</c>).</summary>
    public const int MaxDimensions = 64;

    /// <summary>The product of dimensions, none negative; false where it does not fit 64 bits.</summary>
    public static bool TryMultiply(ReadOnlySpan<int> shape, out long count)
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
