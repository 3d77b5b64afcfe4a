using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>
/// How long inputs and weights are as vectors, chunk by chunk: by the Cauchy–Schwarz inequality no sum of their products is larger than
/// the product of their lengths. What an input can be at worst makes sums of 16-bit integers many times as large.
/// </summary>
internal static unsafe class InputNorms
{
    /// <summary>Parts that inputs are cut into at most.</summary>
    public const int MaxParts = 256;

    // Rows that share a length, the largest of theirs.
    private const int Rows = 4;

    // Lengths that are compared at once.
    private const int Lanes = 4;

    // Squares of a pair are cut off here, so that those of a chunk are added up in 32 bits; what is lost is less than 1 for each.
    private const int LostBits = 8;

    // Of these chunks a part may have 31 bits; more parts cost more, and larger ones leave their sums less room.
    private const double LargestPart = 1 << 30;

    // For what is lost where lengths are rounded to float32 and multiplied.
    private const float Slack = 1 + 1e-6f;

    /// <summary>
    /// Inputs of a chunk, 8, 16 or 32: the fewer the closer are bounds, and the more they are by themselves. Where there are few inputs, one of
    /// 32 may be too much for 32 bits.
    /// </summary>
    /// <param name="inputs">Inputs of each output.</param>
    public static int ChunkFor(int inputs) => inputs <= 64 ? 8 : inputs <= 160 ? 16 : 32;

    /// <summary>Numbers that the lengths of rows take.</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="chunks">Chunks of a row.</param>
    public static long LengthOf(long rows, int chunks) => (rows + Rows - 1) / Rows * Padded(chunks);

    // Whole vectors.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Padded(int chunks) => (chunks + Lanes - 1) / Lanes * Lanes;

    /// <summary>Makes lengths as large as those of some weights.</summary>
    /// <param name="norms">One for each chunk.</param>
    /// <param name="weights">Of one output.</param>
    /// <param name="length">Inputs of a chunk.</param>
    public static void Enlarge(Span<float> norms, ReadOnlySpan<long> weights, int length)
    {
        for (int chunk = 0; chunk < norms.Length; chunk++)
        {
            double squares = 0;
            foreach (long weight in weights[(chunk * length)..Math.Min((chunk + 1) * length, weights.Length)])
                squares += (double)weight * weight;
            norms[chunk] = Math.Max(norms[chunk], (float)Math.Sqrt(squares) * Slack);
        }
    }

    /// <summary>Notes the squares of the lengths of rows.</summary>
    /// <param name="x">The first row, whole blocks of two vectors of sums.</param>
    /// <param name="stride">Integers from one row to the next.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="length">Integers of a row, whole blocks.</param>
    /// <param name="chunk">Inputs of a chunk.</param>
    /// <param name="chunks">Chunks.</param>
    /// <param name="squares">Receives them: for some rows after the other, of each chunk.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Measure<TSimd, TInt, TShort>(short* x, nint stride, int rows, int length, int chunk, int chunks, float* squares)
        where TSimd : struct, IIntegerSimd<TInt, TShort>
        where TInt : struct
        where TShort : struct
    {
        int* lanes = stackalloc int[TSimd.Lanes];
        int atOnce = Math.Max(chunk, 2 * TSimd.Lanes), lanesOfChunk = Math.Min(chunk / 2, TSimd.Lanes);
        for (; rows > 0; rows -= Rows, x += Rows * stride, squares += Padded(chunks))
        {
            for (int first = 0, next = 0; first < length; first += atOnce)
            {
                TInt largest = default;
                short* row = x + first;
                for (int i = Math.Min(Rows, rows); i > 0; i--, row += stride)
                {
                    TInt sum = default;
                    for (int at = 0; at < atOnce && first + at < length; at += 2 * TSimd.Lanes)
                    {
                        var integers = TSimd.Load(row + at);
                        sum = TSimd.Add(sum, TSimd.ShiftRight(TSimd.SquarePairs(integers), LostBits));
                    }

                    largest = TSimd.Max(largest, sum);
                }

                // The largest of each lane, so that only one of all is to be summed.
                TSimd.Store(largest, lanes);
                for (int lane = 0; lane < TSimd.Lanes && next < chunks; lane += lanesOfChunk, next++)
                {
                    int total = chunk / 2;
                    for (int i = 0; i < lanesOfChunk; i++) total += lanes[lane + i];
                    squares[next] = (float)total * (1 << LostBits);
                }
            }
        }
    }

    /// <summary>
    /// Cuts inputs into parts whose sums with any output of a block are within 31 bits, or within 32 where a chunk by itself is no less. Parts
    /// may be added up in 32 bits as long as the sum leaves room for the next one.
    /// </summary>
    /// <param name="squares">What <see cref="Measure"/> has noted, of all rows.</param>
    /// <param name="first">The first row that counts.</param>
    /// <param name="rows">Rows that count.</param>
    /// <param name="norms">The lengths of the block's weights.</param>
    /// <param name="pairs">Pairs of inputs.</param>
    /// <param name="chunkPairs">Those of a chunk.</param>
    /// <param name="largestBias">The largest magnitude of what follows the last part.</param>
    /// <param name="parts">Receives the parts, of which there are no more than <see cref="MaxParts"/>.</param>
    /// <param name="largest">The largest magnitude that a sum of all parts may have, rounded up.</param>
    /// <returns>Parts; 0 where a chunk is too much by itself, or they are too many.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Cut(
        float* squares, nint first, int rows, ReadOnlySpan<float> norms, int pairs, int chunkPairs, long largestBias, InputPart* parts,
        out double largest)
    {
        const double limit = int.MaxValue;
        int count = 0, chunks = norms.Length, padded = Padded(chunks), start = 0;
        float* from = squares + (first / Rows * padded), end = squares + ((first + rows + Rows - 1) / Rows * padded);
        double part = 0;
        largest = 0;
        float* squaresAtOnce = stackalloc float[Lanes];
        for (int chunk = 0; chunk < chunks; chunk++)
        {
            if (chunk % Lanes == 0)
            {
                // None is negative, so that their bits are in their order.
                var most = Vector128<int>.Zero;
                for (float* at = from + chunk; at < end; at += padded) most = Vector128.Max(most, Vector128.Load((int*)at));
                most.Store((int*)squaresAtOnce);
            }

            float square = squaresAtOnce[chunk % Lanes];
            double bound = Math.Sqrt(square) * norms[chunk] * Slack;
            if (bound > limit || count == MaxParts - 1) return 0;
            if (chunk > start && part + bound > LargestPart)
            {
                Add(chunk * chunkPairs, parts);
                start = chunk;
                part = 0;
            }

            part += bound;
            largest += bound;
        }

        Add(pairs, parts);
        parts[count - 1].Room = (int)Math.Max(int.MaxValue - largestBias, -1);
        return count;

        // The sums before it leave room for it.
        void Add(int endPair, InputPart* parts)
        {
            if (count > 0) parts[count - 1].Room = int.MaxValue - (int)part;
            parts[count++] = new InputPart { Steps = endPair - (start * chunkPairs) };
        }
    }
}

/// <summary>Inputs whose products are added up in 32 bits.</summary>
internal struct InputPart
{
    /// <summary>Pairs of inputs.</summary>
    public int Steps;

    /// <summary>The largest magnitude of a sum that leaves room for what follows; -1 where none does.</summary>
    public int Room;
}
