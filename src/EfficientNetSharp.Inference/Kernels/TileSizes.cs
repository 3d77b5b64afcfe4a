using System.Runtime.CompilerServices;

namespace EfficientNetSharp.Inference.Kernels;

/// <summary>How rows are cut into tiles.</summary>
internal static class TileSizes
{
    /// <summary>
    /// The rows of the largest tile that leaves no sliver: fewer than four cost as much as four, as the multiply-adders wait for their
    /// own results then.
    /// </summary>
    /// <param name="rows">Rows that are left, at least 1.</param>
    /// <param name="max">Rows of the largest tile.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Next(int rows, int max)
    {
        int tile = rows >= 2 * max || rows == max ? max : rows > max && max < 8 ? (rows + 1) / 2 : Math.Min(rows, max);

        // Three of about the same size, where the rest beside a large one would be a sliver.
        if (max > 8 && rows > max && rows < max + 4) tile = (rows + 2) / 3;

        // Between the largest tile and seven rows there is nothing.
        return tile is > 7 and < 14 && tile != max ? (tile + 1) / 2 : tile;
    }

    /// <summary>How many of the largest tiles come before another size.</summary>
    /// <param name="rows">Rows that are left; <see cref="Next"/> is the largest tile for them.</param>
    /// <param name="max">Rows of the largest tile.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int FullTiles(int rows, int max) => rows % max == 0 ? rows / max : Math.Max(1, (rows / max) - 1);
}
