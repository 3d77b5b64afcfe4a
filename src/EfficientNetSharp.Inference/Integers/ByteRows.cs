using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>Rows of 8-bit integers without their zero point, which lie in 16 bits, as unsigned bytes.</summary>
internal static unsafe class ByteRows
{
    private const int AtOnce = 16;

    /// <summary>Bytes that are written behind the last row, and integers that are read behind it, which may be a block.</summary>
    public const int Slack = 2 * AtOnce;

    /// <summary>Packs rows.</summary>
    /// <param name="x">The first row.</param>
    /// <param name="stride">Integers from one row to the next.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="lowest">The lowest integer, which becomes 0.</param>
    /// <param name="to">Receives the bytes, and some behind the last.</param>
    /// <param name="rowBytes">Bytes of each row.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(short* x, nint stride, int rows, short lowest, byte* to, int rowBytes)
    {
        var zero = Vector256.Create(lowest);
        for (; rows > 0; rows--, x += stride, to += rowBytes)
        {
            int i = 0;
            for (; i + (2 * AtOnce) <= rowBytes; i += 2 * AtOnce)
            {
                var packed = Avx2.PackUnsignedSaturate(Vector256.Load(x + i) - zero, Vector256.Load(x + i + AtOnce) - zero);
                Avx2.Permute4x64(packed.AsInt64(), 0b11_01_10_00).AsByte().Store(to + i);
            }

            for (; i < rowBytes; i += AtOnce)
            {
                var integers = Vector256.Load(x + i) - zero;
                Sse2.PackUnsignedSaturate(integers.GetLower(), integers.GetUpper()).Store(to + i);
            }
        }
    }
}
