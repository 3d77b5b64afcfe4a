using System.Runtime.CompilerServices;
using EfficientNetSharp.Inference.Kernels;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>
/// Tiles whose sums stay in registers through all parts of their inputs as long as what follows each part is sure to fit 32 bits beside
/// them. Where it is not, what has been summed goes to wider sums, and the tile begins anew behind it.
/// </summary>
internal static unsafe class WatchedTiles<TSimd, TInt, TShort>
    where TSimd : struct, IIntegerSimd<TInt, TShort>
    where TInt : struct
    where TShort : struct
{
    /// <summary>Computes some rows.</summary>
    /// <param name="operands">The operands, for the first row; what is asked for is moved on.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="parts">The parts of the inputs.</param>
    /// <param name="end">The part behind the last.</param>
    /// <param name="wider">Receives sums that leave no room for what follows; the others, and what came after, are in their place.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(ref IntegerTileOperands operands, int rows, InputPart* parts, InputPart* end, ref WiderSums wider)
    {
        int block = 2 * TSimd.Lanes;
        nint stepBytes = (nint)block * 2 * sizeof(short), first = 0;
        byte* x = operands.X, weights = operands.Weights;
        int* sums = operands.Sums;
        operands.PartsEnd = end;
        for (int size; rows > 0; rows -= size, x += size * operands.RowBytes, sums += size * block, first += size * block)
        {
            size = TileSizes.Next(rows, TSimd.TileRows);
            operands.Part = parts;
            for (nint step = 0; ;)
            {
                var from = operands.Part;
                operands.X = x + (step * 2 * sizeof(short));
                operands.Weights = weights + (step * stepBytes);
                operands.Sums = sums;
                IntegerTile<PairProducts<TSimd, TInt, TShort, Watched>, TInt, TShort>.Run(ref operands, size);
                if (!operands.Exceeds) break;
                wider.Add<TSimd, TInt, TShort>(sums, first, size * block);
                if (operands.Part == end)
                {
                    new Span<int>(sums, size * block).Clear();
                    break;
                }

                for (; from < operands.Part; from++) step += from->Steps;
            }
        }

        operands.Weights = weights;
    }
}
