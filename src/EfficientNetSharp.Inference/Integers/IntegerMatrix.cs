using EfficientNetSharp.Inference.Memory;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>
/// A layer's weights as pairs of 16-bit integers, in the order in which <see cref="IntegerTile{TSimd,TInt,TShort}"/> reads them: blocks of outputs, within
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
    /// <param name="weights">[outputs, inputs] as the file has them, in any order of inputs.</param>
    /// <param name="zeroPoint">The integer that stands for 0.</param>
    /// <param name="outputs">Rows.</param>
    /// <param name="inputs">Columns.</param>
    /// <param name="sourceOf">Where an input's weight lies in its row.</param>
    /// <param name="bias">What is added to each output's sum; <see langword="null"/> for nothing.</param>
    /// <param name="largestInput">The largest magnitude of an input without its zero point.</param>
    /// <param name="lanes">32-bit integers of a vector.</param>
    public static IntegerMatrix Pack(
        IntegerValues weights, int zeroPoint, int outputs, int inputs, Func<int, int> sourceOf, long[]? bias,
        int largestInput, int lanes)
    {
        int block = 2 * lanes, pairs = (inputs + 1) / 2, blocks = (outputs + block - 1) / block, safe = pairs;
        long blockLength = (long)pairs * 2 * block;
        var packed = new AlignedBuffer<short>(blockLength * blocks);
        for (int output = 0; output < blocks * block; output++)
        {
            int channel = (output / block * block) + IntegerOrder.ChannelAt(lanes, output % block);
            if (channel >= outputs) continue;
            long at = (output / block * blockLength) + (output % block * 2);
            for (int i = 0; i < inputs; i++)
            {
                long weight = weights[(channel * inputs) + sourceOf(i)] - zeroPoint;
                packed.Span[checked((int)(at + (i / 2 * 2 * block) + (i % 2)))] = checked((short)weight);
            }
        }

        // Whatever stands in a run of pairs, its magnitudes times the largest input must fit; the longest run that is safe everywhere.
        long limit = int.MaxValue / largestInput;
        bool isWide = false;
        for (int output = 0; output < outputs; output++)
        {
            long sum = 0, total = 0;
            for (int first = 0, i = 0; i < inputs; i++)
            {
                long magnitude = Math.Abs(weights[(output * inputs) + sourceOf(i)] - zeroPoint);
                sum += magnitude;
                total += magnitude;
                while (sum > limit)
                {
                    sum -= Math.Abs(weights[(output * inputs) + sourceOf(first)] - zeroPoint);
                    first++;
                    safe = Math.Min(safe, Math.Max(1, (i - first) / 2));
                }
            }

            isWide |= (Int128)total * largestInput + Int128.Abs((Int128)(bias?[output] ?? 0)) > int.MaxValue;
        }

        return new IntegerMatrix { Inputs = inputs, Pairs = pairs, Block = block, Blocks = blocks, Weights = packed, SafePairs = safe, IsWide = isWide };
    }
}
