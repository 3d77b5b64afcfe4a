using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>
/// How long inputs and weights are as vectors, chunk by chunk: by the Cauchy–Schwarz inequality no sum of their products is larger than
/// the product of their lengths. What an input can be at worst makes sums of 16-bit integers many times as large.
/// </summary>
internal static unsafe class InputNorms
{
    /// <summary>Inputs of a chunk.</summary>
    public const int Chunk = 32;

    /// <summary>Parts that inputs are cut into at most.</summary>
    public const int MaxParts = 256;

    // Rows that share a length, the largest of theirs.
    private const int Rows = 4;

    // Lengths that are compared at once.
    private const int Lanes = 4;

    // Squares of a pair are cut off here, so that those of a chunk are added up in 32 bits; what is lost is less than 1 for each.
    private const int LostBits = 8, Pairs = Chunk / 2;

    // For what is lost where lengths are rounded to float32 and multiplied.
    private const float Slack = 1 + 1e-6f;

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
    public static void Enlarge(Span<float> norms, ReadOnlySpan<long> weights)
    {
        for (int chunk = 0; chunk < norms.Length; chunk++)
        {
            double squares = 0;
            foreach (long weight in weights[(chunk * Chunk)..Math.Min((chunk + 1) * Chunk, weights.Length)])
                squares += (double)weight * weight;
            norms[chunk] = Math.Max(norms[chunk], (float)Math.Sqrt(squares) * Slack);
        }
    }

    /// <summary>Notes the squares of the lengths of rows.</summary>
    /// <param name="x">The first row, whole blocks of two vectors of sums.</param>
    /// <param name="stride">Integers from one row to the next.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="length">Integers of a row, whole blocks.</param>
    /// <param name="squares">Receives them: for some rows after the other, of each chunk.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Measure<TSimd, TInt, TShort>(short* x, nint stride, int rows, int length, float* squares)
        where TSimd : struct, IIntegerSimd<TInt, TShort>
        where TInt : struct
        where TShort : struct
    {
        int* lanes = stackalloc int[TSimd.Lanes];
        int chunks = (length + Chunk - 1) / Chunk;
        for (; rows > 0; rows -= Rows, x += Rows * stride, squares += Padded(chunks))
        {
            for (int chunk = 0; chunk < chunks; chunk++)
            {
                int first = chunk * Chunk;
                TInt largest = default;
                short* row = x + first;
                for (int i = Math.Min(Rows, rows); i > 0; i--, row += stride)
                {
                    TInt sum = default;
                    for (int at = 0; at < Chunk && first + at < length; at += 2 * TSimd.Lanes)
                    {
                        var integers = TSimd.Load(row + at);
                        sum = TSimd.Add(sum, TSimd.ShiftRight(TSimd.SquarePairs(integers), LostBits));
                    }

                    largest = TSimd.Max(largest, sum);
                }

                // The largest of each lane, so that only one of all is to be summed.
                TSimd.Store(largest, lanes);
                int total = Pairs;
                for (int lane = 0; lane < TSimd.Lanes; lane++) total += lanes[lane];
                squares[chunk] = (float)total * (1 << LostBits);
            }
        }
    }

    /// <summary>Cuts inputs into parts whose sums with any output of a block are within 32 bits.</summary>
    /// <param name="squares">What <see cref="Measure"/> has noted, of all rows.</param>
    /// <param name="first">The first row that counts.</param>
    /// <param name="rows">Rows that count.</param>
    /// <param name="norms">The lengths of the block's weights.</param>
    /// <param name="ends">Receives the chunk behind each part, of which there are no more than <see cref="MaxParts"/>.</param>
    /// <param name="largest">The largest magnitude that a sum of all parts may have, rounded up.</param>
    /// <returns>Parts; 0 where a chunk is too much by itself, or they are too many.</returns>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Cut(float* squares, nint first, int rows, ReadOnlySpan<float> norms, int* ends, out double largest)
    {
        const double limit = int.MaxValue;
        int parts = 0, chunks = norms.Length, padded = Padded(chunks);
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
            if (bound > limit || parts == MaxParts - 1) return 0;
            if (part + bound > limit)
            {
                ends[parts++] = chunk;
                part = 0;
            }

            part += bound;
            largest += bound;
        }

        ends[parts++] = chunks;
        return parts;
    }
}
