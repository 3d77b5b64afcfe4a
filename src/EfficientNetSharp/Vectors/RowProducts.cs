using System.Runtime.CompilerServices;

namespace EfficientNetSharp.Vectors;

/// <summary>
/// Products of rows with rows, A · Bᵀ, as embeddings are compared. Rows of B lie in panels, value by value, so that a tile of products is
/// held in registers while the depth passes by. Each product is summed in the order of its depth wherever its row lies, so that equal
/// rows give equal products to the last bit.
/// </summary>
internal static unsafe class RowProducts<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    /// <summary>Rows of A in a tile: twelve sums, two vectors of B and one value of A are in the 16 registers that any machine
    /// has.</summary>
    public const int TileRows = 6;

    /// <summary>Rows of B in a panel.</summary>
    public static int PanelRows
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 2 * TSimd.Lanes;
    }

    /// <summary>Puts a row of B into its column of a panel [depth, <see cref="PanelRows"/>].</summary>
    /// <param name="row">The row.</param>
    /// <param name="factor">What its values are multiplied by.</param>
    /// <param name="panel">The panel.</param>
    /// <param name="column">The row's place in the panel.</param>
    public static void Pack(ReadOnlySpan<float> row, float factor, float* panel, int column)
    {
        float* to = panel + column;
        int step = PanelRows;
        foreach (float value in row)
        {
            *to = value * factor;
            to += step;
        }
    }

    /// <summary>Multiplies <see cref="TileRows"/> rows with a panel.</summary>
    /// <param name="a">The rows, one after the other.</param>
    /// <param name="panel">The panel.</param>
    /// <param name="depth">Values of a row, at least 1.</param>
    /// <param name="y">The products [<see cref="TileRows"/>, <see cref="PanelRows"/>].</param>
    /// <param name="stride">Values from one row of products to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(float* a, float* panel, nint depth, float* y, nint stride)
    {
        int lanes = TSimd.Lanes;
        var zero = TSimd.Broadcast(0);
        TVector c0 = zero, c1 = zero, c2 = zero, c3 = zero, c4 = zero, c5 = zero;
        TVector d0 = zero, d1 = zero, d2 = zero, d3 = zero, d4 = zero, d5 = zero;
        float* a3 = a + (3 * depth);
        for (float* end = a + depth; a < end; a++, a3++, panel += 2 * lanes)
        {
            TVector b0 = TSimd.Load(panel), b1 = TSimd.Load(panel + lanes);
            var v = TSimd.Broadcast(*a);
            c0 = TSimd.MultiplyAdd(v, b0, c0);
            d0 = TSimd.MultiplyAdd(v, b1, d0);
            v = TSimd.Broadcast(a[depth]);
            c1 = TSimd.MultiplyAdd(v, b0, c1);
            d1 = TSimd.MultiplyAdd(v, b1, d1);
            v = TSimd.Broadcast(a[2 * depth]);
            c2 = TSimd.MultiplyAdd(v, b0, c2);
            d2 = TSimd.MultiplyAdd(v, b1, d2);
            v = TSimd.Broadcast(*a3);
            c3 = TSimd.MultiplyAdd(v, b0, c3);
            d3 = TSimd.MultiplyAdd(v, b1, d3);
            v = TSimd.Broadcast(a3[depth]);
            c4 = TSimd.MultiplyAdd(v, b0, c4);
            d4 = TSimd.MultiplyAdd(v, b1, d4);
            v = TSimd.Broadcast(a3[2 * depth]);
            c5 = TSimd.MultiplyAdd(v, b0, c5);
            d5 = TSimd.MultiplyAdd(v, b1, d5);
        }

        Store(c0, d0, y);
        Store(c1, d1, y + stride);
        Store(c2, d2, y + (2 * stride));
        Store(c3, d3, y + (3 * stride));
        Store(c4, d4, y + (4 * stride));
        Store(c5, d5, y + (5 * stride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(TVector first, TVector second, float* y)
    {
        TSimd.Store(first, y);
        TSimd.Store(second, y + TSimd.Lanes);
    }
}
