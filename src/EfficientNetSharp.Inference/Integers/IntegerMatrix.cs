using System.Runtime.CompilerServices;
using EfficientNetSharp.Inference.Memory;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>
/// A layer's weights as pairs of 16-bit integers, in the order in which
/// <see cref="IntegerTile{TProducts,TInt,TWeight}"/> reads them: blocks of outputs, within
/// them pairs of inputs, for each two vectors of the block's outputs in interleaved order.
/// </summary>
internal sealed class IntegerMatrix
{
    /// <summary>Inputs of each output.</summary>
    public required int Inputs { get; init; }

    /// <summary>Pairs of inputs; the last one's second is 0 where they are odd.</summary>
    public required int Pairs { get; init; }

    /// <summary>Outputs of a block.</summary>
    public required int Block
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get;
        init;
    }

    /// <summary>Blocks of outputs.</summary>
    public required int Blocks { get; init; }

    /// <summary>The packed integers; <see langword="null"/> where they are bytes.</summary>
    public AlignedBuffer<short>? Weights { get; init; }

    /// <summary>
    /// The integers as bytes for <see cref="Products"/>: for each tile's outputs four inputs after the other; <see langword="null"/> where
    /// they are pairs.
    /// </summary>
    public AlignedBuffer<sbyte>? Bytes { get; init; }

    /// <summary>
    /// What multiplies the bytes, and takes inputs as bytes too; <see langword="null"/> where there are no such operations, or integers of
    /// more bits.
    /// </summary>
    public ByteProducts? Products
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get;
        init;
    }

    /// <summary>
    /// What is added to each output's sum: with inputs as bytes, for those that are no zero, too.
    /// </summary>
    public required long[] Bias { get; init; }

    /// <summary>The lowest input, which becomes the lowest byte.</summary>
    public required int LowestInput { get; init; }

    /// <summary>Bytes of a row of inputs that are bytes.</summary>
    public int RowBytes => Quads * ByteProducts.AtOnce;

    /// <summary>Inputs by four.</summary>
    public int Quads => (Inputs + ByteProducts.AtOnce - 1) / ByteProducts.AtOnce;

    /// <summary>For each block, pairs that can be added up in 32 bits, whatever the inputs.</summary>
    public required int[] SafePairs { get; init; }

    /// <summary>
    /// For each block, whether some of its sums with their biases may be too large for 32 bits; never with 8-bit inputs and usual weights.
    /// </summary>
    public required bool[] IsWideBlock { get; init; }

    /// <summary>
    /// Whether some block is wide, and sums of inputs' upper and lower eight bits by themselves fit 32 bits, whatever the inputs.
    /// </summary>
    public required bool SplitsInputs { get; init; }

    /// <summary>
    /// For each block the lengths of its weights, <see cref="Chunk"/> inputs after the other: the largest of its outputs' each.
    /// Empty where no block is wide.
    /// </summary>
    public required float[] Norms { get; init; }

    /// <summary>For each block, the largest magnitude of a bias.</summary>
    public required long[] LargestBias { get; init; }

    /// <summary>Chunks of inputs.</summary>
    public int Chunks
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (Inputs + Chunk - 1) / Chunk;
    }

    /// <summary>Inputs of a chunk.</summary>
    public int Chunk
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        get => InputNorms.ChunkFor(Inputs);
    }

    /// <summary>Integers of a row of inputs, whole blocks.</summary>
    public int SplitLength
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (Inputs + Block - 1) / Block * Block;
    }

    /// <summary>The largest magnitude of a sum with its bias.</summary>
    public required long LargestSum { get; init; }

    /// <summary>Whether some sums may be too large for 32 bits; never with 8-bit inputs and usual weights.</summary>
    public bool IsWide => IsWideBlock.Contains(true);

    /// <summary>Memory of the packed integers and of what is added to their sums, in bytes.</summary>
    public long WeightBytes => (Bytes?.Length ?? (Weights!.Length * sizeof(short))) + ((long)Bias.Length * sizeof(long));

    /// <summary>Integers from one block to the next.</summary>
    public long BlockLength
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (long)Pairs * 2 * Block;
    }

    /// <summary>Packs weights.</summary>
    /// <param name="weightOf">The weight of an output and an input.</param>
    /// <param name="outputs">Outputs.</param>
    /// <param name="inputs">Inputs of each.</param>
    /// <param name="bias">What is added to each output's sum; <see langword="null"/> for nothing.</param>
    /// <param name="range">The lowest and the highest input without its zero point.</param>
    /// <param name="products">What multiplies bytes; <see langword="null"/> for nothing that does.</param>
    public static IntegerMatrix Pack<TSimd, TInt, TShort>(
        Func<int, int, long> weightOf, int outputs, int inputs, long[]? bias, (int Lowest, int Highest) range, ByteProducts? products)
        where TSimd : struct, IIntegerSimd<TInt, TShort>
        where TInt : struct
        where TShort : struct
    {
        bias ??= new long[outputs];
        int lanes = TSimd.Lanes;
        if (products is not null && range.Highest - range.Lowest <= byte.MaxValue
            && TryPackBytes(weightOf, outputs, inputs, bias, range, lanes, products) is { } matrix) return matrix;
        int block = 2 * lanes, pairs = (inputs + 1) / 2, blocks = (outputs + block - 1) / block;
        long blockLength = (long)pairs * 2 * block, largest = 0;
        var packed = new AlignedBuffer<short>(blockLength * blocks);
        int[] safe = new int[blocks];
        bool[] isWide = new bool[blocks];
        long largestHalf = 0;
        int chunk = InputNorms.ChunkFor(inputs), chunks = (inputs + chunk - 1) / chunk;
        float[] norms = new float[blocks * chunks];
        long[] largestBias = new long[blocks];
        Array.Fill(safe, pairs);
        long[] row = new long[inputs];
        for (int position = 0; position < blocks * block; position++)
        {
            int output = (position / block * block) + IntegerOrder.ChannelAt(lanes, position % block);
            if (output >= outputs) continue;
            for (int i = 0; i < inputs; i++)
            {
                row[i] = weightOf(output, i);
                long at = (position / block * blockLength) + (i / 2 * 2 * block)
                    + IntegerOrder.WeightAt(lanes, TSimd.HasPairProducts, position % block, i % 2);
                packed.Span[checked((int)at)] = checked((short)row[i]);
            }

            var sums = new SumBounds(range);
            long largestHere = sums.LargestOf(row, bias[output]);
            safe[position / block] = Math.Min(safe[position / block], sums.SafePairsOf(row));
            isWide[position / block] |= largestHere > int.MaxValue;
            largestHalf = Math.Max(largestHalf, new SumBounds((sbyte.MinValue, byte.MaxValue)).LargestOf(row, 0));
            largest = Math.Max(largest, largestHere);
            largestBias[position / block] = Math.Max(largestBias[position / block], Math.Abs(bias[output]));
            InputNorms.Enlarge(norms.AsSpan(position / block * chunks, chunks), row, chunk);
        }

        return new IntegerMatrix
        {
            Inputs = inputs, Pairs = pairs, Block = block, Blocks = blocks, Weights = packed, SafePairs = safe, IsWideBlock = isWide,
            SplitsInputs = isWide.Contains(true) && largestHalf <= int.MaxValue, LargestSum = largest, Bias = bias,
            Norms = isWide.Contains(true) ? norms : [], LargestBias = largestBias,
            LowestInput = range.Lowest,
        };
    }

    // A tile's two vectors of sums are the same part of a block's first vector and of its second.
    private static IntegerMatrix? TryPackBytes(
        Func<int, int, long> weightOf, int outputs, int inputs, long[] bias, (int Lowest, int Highest) range, int lanes,
        ByteProducts products)
    {
        const int atOnce = ByteProducts.AtOnce;
        int block = 2 * lanes, quads = (inputs + atOnce - 1) / atOnce, parts = (outputs + products.Outputs - 1) / products.Outputs;
        int perBlock = block / products.Outputs, vector = products.Outputs / 2;
        long largest = 0;
        long[] row = new long[inputs];
        long partLength = (long)quads * atOnce * products.Outputs;
        var packed = new AlignedBuffer<sbyte>(partLength * parts);
        var shifted = new long[outputs];
        for (int part = 0; part < parts; part++)
        for (int i = 0; i < products.Outputs; i++)
        {
            int position = (i / vector * lanes) + (part % perBlock * vector) + (i % vector);
            int output = (part / perBlock * block) + IntegerOrder.ChannelAt(lanes, position);
            if (output >= outputs) continue;
            long sum = 0;
            for (int input = 0; input < inputs; input++)
            {
                long weight = weightOf(output, input);
                if (weight is < sbyte.MinValue or > sbyte.MaxValue) return null;
                long at = (part * partLength) + (((input / atOnce * products.Outputs) + i) * atOnce) + (input % atOnce);
                packed.Span[checked((int)at)] = (sbyte)weight;
                sum += row[input] = weight;
            }

            largest = Math.Max(largest, new SumBounds(range).LargestOf(row, bias[output]));
            if (largest > int.MaxValue) return null;
            shifted[output] = bias[output] + (sum * (range.Lowest - products.LowestByte));
        }

        return new IntegerMatrix
        {
            Inputs = inputs, Pairs = (inputs + 1) / 2, Block = block, Blocks = (outputs + block - 1) / block, Bytes = packed,
            Products = products, Bias = shifted,
            SafePairs = [], IsWideBlock = [], SplitsInputs = false, Norms = [], LargestBias = [], LargestSum = largest,
            LowestInput = range.Lowest,
        };
    }
}
