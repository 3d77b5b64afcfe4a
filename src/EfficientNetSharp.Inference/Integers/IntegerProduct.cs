using System.Runtime.CompilerServices;
using EfficientNetSharp.Inference.Kernels;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>Products of rows of 16-bit integers with a packed matrix, and what follows their sums.</summary>
internal sealed unsafe class IntegerProduct<TSimd, TInt, TShort>(IntegerMatrix matrix, IntegerEpilogue<TSimd, TInt, TShort> epilogue)
    where TSimd : struct, IIntegerSimd<TInt, TShort>
    where TInt : struct
    where TShort : struct
{
    // Sums wait for their epilogue in a part of the first-level cache.
    private const int SumsBytes = 8 * 1024;

    private static int Block => 2 * TSimd.Lanes;

    private static int RowsAtOnce
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => SumsBytes / sizeof(int) / Block / TSimd.TileRows * TSimd.TileRows;
    }

    /// <summary>Bytes of working memory.</summary>
    public long ScratchBytes => (long)RowsAtOnce * Block * (sizeof(int) + (matrix.IsWide ? sizeof(long) : 0));

    /// <summary>The matrix.</summary>
    public IntegerMatrix Matrix => matrix;

    /// <summary>Computes one block of outputs of some rows.</summary>
    /// <param name="x">The first row's inputs, whole pairs of them.</param>
    /// <param name="xStride">Integers from one row to the next.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="block">The block.</param>
    /// <param name="y">Receives the block's outputs of the first row.</param>
    /// <param name="yStride">Integers from one row of outputs to the next.</param>
    /// <param name="scratch">Working memory.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(short* x, nint xStride, int rows, int block, short* y, nint yStride, byte* scratch)
    {
        short* weights = matrix.Weights.Pointer + (block * matrix.BlockLength);
        int* sums = (int*)scratch;
        int channel = block * Block;

        // The tiles share the next block's weights among them, each asks for its part while it is at work.
        nint blockBytes = (nint)matrix.BlockLength * sizeof(short), tiles = (rows + TSimd.TileRows - 1) / TSimd.TileRows;
        var operands = new IntegerTileOperands
        {
            X = x,
            RowBytes = xStride * sizeof(short),
            Weights = weights,
            Pairs = matrix.Pairs,
            Next = (byte*)weights + blockBytes,
            NextStep = (blockBytes / tiles / matrix.Pairs) + 1,
        };
        for (int row = 0; row < rows; row += RowsAtOnce, y += RowsAtOnce * yStride)
        {
            int count = Math.Min(RowsAtOnce, rows - row);
            if (matrix.IsWide)
            {
                RunWide(x + (row * xStride), xStride, count, weights, channel, y, yStride, sums);
                continue;
            }

            operands.Sums = sums;
            IntegerTile<TSimd, TInt, TShort>.Run(ref operands, count);
            epilogue.Run(sums, count, channel, y, yStride);
        }
    }

    // As many pairs at a time as 32 bits are sure to hold, added up in 64.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunWide(short* x, nint xStride, int rows, short* weights, int channel, short* y, nint yStride, int* sums)
    {
        int length = rows * Block;
        long* wide = (long*)(sums + (RowsAtOnce * Block));
        new Span<long>(wide, length).Clear();
        for (int pair = 0; pair < matrix.Pairs; pair += matrix.SafePairs)
        {
            var operands = new IntegerTileOperands
            {
                X = x + (2 * pair),
                RowBytes = xStride * sizeof(short),
                Weights = weights + ((nint)pair * 2 * Block),
                Pairs = Math.Min(matrix.SafePairs, matrix.Pairs - pair),
                Sums = sums,
                Next = (byte*)weights,
            };
            IntegerTile<TSimd, TInt, TShort>.Run(ref operands, rows);
            for (int i = 0; i < length; i++) wide[i] += sums[i];
        }

        epilogue.Run(wide, rows, channel, y, yStride);
    }
}
