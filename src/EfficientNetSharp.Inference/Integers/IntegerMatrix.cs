using EfficientNetSharp.Inference.Memory;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>
/// A layer's weights as pairs of 16-bit integers, in the order in which
/// <see cref="IntegerTile{TSimd,TInt,TShort}"/> reads them: blocks of outputs, within
/// them pairs of inputs, for each two vectors of the block's outputs in interleaved order.
/// </summary>
internal sealed class IntegerMatrix
{
    /// <summary>Inputs of each output.</summary>
    public required int Inputs { get; init; }

    /// <summary>Pairs of inputs; the last one's second is 0 where they are odd.</summary>
    public required int Pairs { get; init; }

    /// <summary>Outputs of a block.</summary>
    public required int Block { get; init; }

    /// <summary>Blocks of outputs.</summary>
    public required int Blocks { get; init; }

    /// <summary>The packed integers.</summary>
    public required AlignedBuffer<short> Weights { get; init; }

    /// <summary>Pairs that can be added up in 32 bits, whatever the inputs.</summary>
    public required int SafePairs { get; init; }

    /// <summary>Whether sums with their biases may be too large for 32 bits; never with 8-bit inputs and usual weights.</summary>
    public required bool IsWide { get; init; }

    /// <summary>Integers from one block to the next.</summary>
    public long BlockLength => (long)Pairs * 2 * Block;

    /// <summary>Packs weights.</summary>
    /// <param name="weightOf">The weight of an output and an input.</param>
    /// <param name="outputs">Outputs.</param>
    /// <param name="inputs">Inputs of each.</param>
    /// <param name="bias">What is added to each output's sum; <see langword="null"/> for nothing.</param>
    /// <param name="largestInput">The largest magnitude of an input without its zero point.</param>
    /// <param name="lanes">32-bit integers of a vector.</param>
    public static IntegerMatrix Pack(
        Func<int, int, long> weightOf, int outputs, int inputs, long[]? bias, int largestInput, int lanes)
    {
        int block = 2 * lanes, pairs = (inputs + 1) / 2, blocks = (outputs + block - 1) / block, safe = pairs;
        long blockLength = (long)pairs * 2 * block, limit = int.MaxValue / largestInput;
        var packed = new AlignedBuffer<short>(blockLength * blocks);
        bool isWide = false;
        var row = new long[inputs];
        for (int position = 0; position < blocks * block; position++)
        {
            int output = (position / block * block) + IntegerOrder.ChannelAt(lanes, position % block);
            if (output >= outputs) continue;
            for (int i = 0; i < inputs; i++)
            {
                row[i] = weightOf(output, i);
                long at = (position / block * blockLength) + (i / 2 * 2 * block) + (position % block * 2) + (i % 2);
                packed.Span[checked((int)at)] = checked((short)row[i]);
            }

            safe = Math.Min(safe, SafePairsOf(row, limit));
            isWide |= ((Int128)row.Sum(Math.Abs) * largestInput) + Int128.Abs(bias?[output] ?? 0) > int.MaxValue;
        }

        return new IntegerMatrix { Inputs = inputs, Pairs = pairs, Block = block, Blocks = blocks, Weights = packed, SafePairs = safe, IsWide = isWide };
    }

    // Whatever stands in a run of pairs, its magnitudes times the largest input must fit; the longest run that is safe everywhere.
    private static int SafePairsOf(long[] row, long limit)
    {
        int safe = int.MaxValue;
        long sum = 0;
        for (int first = 0, i = 0; i < row.Length; i++)
        {
            sum += Math.Abs(row[i]);
            while (sum > limit)
            {
                sum -= Math.Abs(row[first++]);
                safe = Math.Min(safe, Math.Max(1, (i - first) / 2));
            }
        }

        return safe;
    }
}
