using System.Runtime.CompilerServices;

namespace EfficientNetSharp.Vectors;

/// <summary>One value: for rows that are shorter than any vector.</summary>
internal readonly unsafe struct Simd1 : ISimd<float>
{
    public static int Lanes => 1;

    public static int TileRows => 4;

    public static int NarrowTileRows => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Load(float* from) => *from;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(float value, float* to) => *to = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Broadcast(float value) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Add(float a, float b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Subtract(float a, float b) => a - b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Multiply(float a, float b) => a * b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MultiplyAdd(float a, float b, float c) => float.MultiplyAddEstimate(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Max(float a, float b) => float.Max(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MaxNative(float value, float bound) => float.Max(value, bound);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MinNative(float value, float bound) => float.Min(value, bound);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float OnePlusExpOfNegative(float x) => SigmoidDivisor.Of(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Divide(float a, float b) => a / b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float SelectNonNegative(float x, float then, float otherwise) => x >= 0 ? then : otherwise;
}
