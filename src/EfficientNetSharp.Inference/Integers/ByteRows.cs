using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>Rows of 8-bit integers without their zero point, which lie in 16 bits, as bytes.</summary>
internal static unsafe class ByteRows
{
    private const int AtOnce = 16;

    /// <summary>Bytes that are written behind the last row, and integers that are read behind it, which may be a block.</summary>
    public const int Slack = 2 * AtOnce;

    /// <summary>Packs rows as unsigned bytes, of which the lowest integer becomes 0.</summary>
    /// <inheritdoc cref="ByteProducts.Pack" />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackUnsigned(short* x, nint stride, int rows, short lowest, byte* to, int rowBytes)
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

    /// <summary>Packs rows as signed bytes, of which the lowest integer becomes the lowest.</summary>
    /// <inheritdoc cref="ByteProducts.Pack" />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackSigned(short* x, nint stride, int rows, short lowest, sbyte* to, int rowBytes)
    {
        const int half = AtOnce / 2;
        var zero = Vector128.Create((short)(lowest - sbyte.MinValue));
        for (; rows > 0; rows--, x += stride, to += rowBytes)
        {
            int i = 0;
            for (; i + AtOnce <= rowBytes; i += AtOnce)
                Vector128.NarrowWithSaturation(Vector128.Load(x + i) - zero, Vector128.Load(x + i + half) - zero).Store(to + i);
            for (; i < rowBytes; i += half)
            {
                var integers = Vector128.Load(x + i) - zero;
                Vector128.NarrowWithSaturation(integers, integers).GetLower().Store(to + i);
            }
        }
    }
}
