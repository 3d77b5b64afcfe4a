using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>Arm's dot product (of ARMv8.2 on, <c>sdot</c>): signed inputs.</summary>
internal readonly unsafe struct DotProductBytes : IByteProducts<Vector128<int>, Vector128<sbyte>>
{
    /// <summary>The products; <see langword="null"/> where the machine has none.</summary>
    public static ByteProducts? Products =>
        Dp.IsSupported ? new ByteProducts<DotProductBytes, Vector128<int>, Vector128<sbyte>>() : null;

    public static int Lanes => Vector128<int>.Count;

    public static int Rows => 14;

    public static int LowestByte => sbyte.MinValue;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(short* x, nint stride, int rows, int lowest, byte* to, int rowBytes) =>
        ByteRows.PackSigned(x, stride, rows, (short)lowest, (sbyte*)to, rowBytes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<sbyte> Load(byte* from) => Vector128.Load((sbyte*)from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddProducts(
        ref Vector128<int> low, ref Vector128<int> high, byte* x, Vector128<sbyte> first, Vector128<sbyte> second)
    {
        // As a float it is loaded to where it is needed.
        var four = Vector64.CreateScalarUnsafe(*(float*)x).AsSByte();
        low = Dp.DotProductBySelectedQuadruplet(low, first, four, 0);
        high = Dp.DotProductBySelectedQuadruplet(high, second, four, 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Add(Vector128<int> a, Vector128<int> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<int> value, int* to) => value.Store(to);
}
