using System.Runtime.CompilerServices;
using EfficientNetSharp.Vectors;

namespace EfficientNetSharp.Inference.Kernels;

/// <summary>
/// One row of a window of a depthwise convolution over seven output pixels side by side: each input is loaded once for all the outputs that
/// it counts for, so that the multiply-adders, not the loads, set the pace.
/// </summary>
internal unsafe interface IDepthwiseRow<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    /// <summary>
    /// Adds to the sums of the seven outputs what comes from the inputs from <c>x</c> on, <c>pixel</c> values apart, by the row's weights,
    /// a vector for each column.
    /// </summary>
    static abstract void Add(
        float* x,
        nint pixel,
        float* w,
        ref TVector s0,
        ref TVector s1,
        ref TVector s2,
        ref TVector s3,
        ref TVector s4,
        ref TVector s5,
        ref TVector s6);
}

/// <summary>Three columns, stride 1.</summary>
internal readonly unsafe struct DepthwiseRow3<TSimd, TVector> : IDepthwiseRow<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(
        float* x,
        nint pixel,
        float* w,
        ref TVector s0,
        ref TVector s1,
        ref TVector s2,
        ref TVector s3,
        ref TVector s4,
        ref TVector s5,
        ref TVector s6)
    {
        int lanes = TSimd.Lanes;
        TVector w0 = TSimd.Load(w);
        TVector w1 = TSimd.Load(w + lanes);
        TVector w2 = TSimd.Load(w + (2 * lanes));
        var v = TSimd.Load(x);
        s0 = TSimd.MultiplyAdd(v, w0, s0);

        x += pixel;
        v = TSimd.Load(x);
        s0 = TSimd.MultiplyAdd(v, w1, s0);
        s1 = TSimd.MultiplyAdd(v, w0, s1);

        x += pixel;
        v = TSimd.Load(x);
        s0 = TSimd.MultiplyAdd(v, w2, s0);
        s1 = TSimd.MultiplyAdd(v, w1, s1);
        s2 = TSimd.MultiplyAdd(v, w0, s2);

        x += pixel;
        v = TSimd.Load(x);
        s1 = TSimd.MultiplyAdd(v, w2, s1);
        s2 = TSimd.MultiplyAdd(v, w1, s2);
        s3 = TSimd.MultiplyAdd(v, w0, s3);

        x += pixel;
        v = TSimd.Load(x);
        s2 = TSimd.MultiplyAdd(v, w2, s2);
        s3 = TSimd.MultiplyAdd(v, w1, s3);
        s4 = TSimd.MultiplyAdd(v, w0, s4);

        x += pixel;
        v = TSimd.Load(x);
        s3 = TSimd.MultiplyAdd(v, w2, s3);
        s4 = TSimd.MultiplyAdd(v, w1, s4);
        s5 = TSimd.MultiplyAdd(v, w0, s5);

        x += pixel;
        v = TSimd.Load(x);
        s4 = TSimd.MultiplyAdd(v, w2, s4);
        s5 = TSimd.MultiplyAdd(v, w1, s5);
        s6 = TSimd.MultiplyAdd(v, w0, s6);

        x += pixel;
        v = TSimd.Load(x);
        s5 = TSimd.MultiplyAdd(v, w2, s5);
        s6 = TSimd.MultiplyAdd(v, w1, s6);

        x += pixel;
        v = TSimd.Load(x);
        s6 = TSimd.MultiplyAdd(v, w2, s6);
    }
}

/// <summary>Three columns, stride 2.</summary>
internal readonly unsafe struct DepthwiseRow3Stride2<TSimd, TVector> : IDepthwiseRow<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(
        float* x,
        nint pixel,
        float* w,
        ref TVector s0,
        ref TVector s1,
        ref TVector s2,
        ref TVector s3,
        ref TVector s4,
        ref TVector s5,
        ref TVector s6)
    {
        int lanes = TSimd.Lanes;
        TVector w0 = TSimd.Load(w);
        TVector w1 = TSimd.Load(w + lanes);
        TVector w2 = TSimd.Load(w + (2 * lanes));
        var v = TSimd.Load(x);
        s0 = TSimd.MultiplyAdd(v, w0, s0);

        x += pixel;
        v = TSimd.Load(x);
        s0 = TSimd.MultiplyAdd(v, w1, s0);

        x += pixel;
        v = TSimd.Load(x);
        s0 = TSimd.MultiplyAdd(v, w2, s0);
        s1 = TSimd.MultiplyAdd(v, w0, s1);

        x += pixel;
        v = TSimd.Load(x);
        s1 = TSimd.MultiplyAdd(v, w1, s1);

        x += pixel;
        v = TSimd.Load(x);
        s1 = TSimd.MultiplyAdd(v, w2, s1);
        s2 = TSimd.MultiplyAdd(v, w0, s2);

        x += pixel;
        v = TSimd.Load(x);
        s2 = TSimd.MultiplyAdd(v, w1, s2);

        x += pixel;
        v = TSimd.Load(x);
        s2 = TSimd.MultiplyAdd(v, w2, s2);
        s3 = TSimd.MultiplyAdd(v, w0, s3);

        x += pixel;
        v = TSimd.Load(x);
        s3 = TSimd.MultiplyAdd(v, w1, s3);

        x += pixel;
        v = TSimd.Load(x);
        s3 = TSimd.MultiplyAdd(v, w2, s3);
        s4 = TSimd.MultiplyAdd(v, w0, s4);

        x += pixel;
        v = TSimd.Load(x);
        s4 = TSimd.MultiplyAdd(v, w1, s4);

        x += pixel;
        v = TSimd.Load(x);
        s4 = TSimd.MultiplyAdd(v, w2, s4);
        s5 = TSimd.MultiplyAdd(v, w0, s5);

        x += pixel;
        v = TSimd.Load(x);
        s5 = TSimd.MultiplyAdd(v, w1, s5);

        x += pixel;
        v = TSimd.Load(x);
        s5 = TSimd.MultiplyAdd(v, w2, s5);
        s6 = TSimd.MultiplyAdd(v, w0, s6);

        x += pixel;
        v = TSimd.Load(x);
        s6 = TSimd.MultiplyAdd(v, w1, s6);

        x += pixel;
        v = TSimd.Load(x);
        s6 = TSimd.MultiplyAdd(v, w2, s6);
    }
}

/// <summary>Five columns, stride 1.</summary>
internal readonly unsafe struct DepthwiseRow5<TSimd, TVector> : IDepthwiseRow<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(
        float* x,
        nint pixel,
        float* w,
        ref TVector s0,
        ref TVector s1,
        ref TVector s2,
        ref TVector s3,
        ref TVector s4,
        ref TVector s5,
        ref TVector s6)
    {
        int lanes = TSimd.Lanes;
        TVector w0 = TSimd.Load(w);
        TVector w1 = TSimd.Load(w + lanes);
        TVector w2 = TSimd.Load(w + (2 * lanes));
        TVector w3 = TSimd.Load(w + (3 * lanes));
        TVector w4 = TSimd.Load(w + (4 * lanes));
        var v = TSimd.Load(x);
        s0 = TSimd.MultiplyAdd(v, w0, s0);

        x += pixel;
        v = TSimd.Load(x);
        s0 = TSimd.MultiplyAdd(v, w1, s0);
        s1 = TSimd.MultiplyAdd(v, w0, s1);

        x += pixel;
        v = TSimd.Load(x);
        s0 = TSimd.MultiplyAdd(v, w2, s0);
        s1 = TSimd.MultiplyAdd(v, w1, s1);
        s2 = TSimd.MultiplyAdd(v, w0, s2);

        x += pixel;
        v = TSimd.Load(x);
        s0 = TSimd.MultiplyAdd(v, w3, s0);
        s1 = TSimd.MultiplyAdd(v, w2, s1);
        s2 = TSimd.MultiplyAdd(v, w1, s2);
        s3 = TSimd.MultiplyAdd(v, w0, s3);

        x += pixel;
        v = TSimd.Load(x);
        s0 = TSimd.MultiplyAdd(v, w4, s0);
        s1 = TSimd.MultiplyAdd(v, w3, s1);
        s2 = TSimd.MultiplyAdd(v, w2, s2);
        s3 = TSimd.MultiplyAdd(v, w1, s3);
        s4 = TSimd.MultiplyAdd(v, w0, s4);

        x += pixel;
        v = TSimd.Load(x);
        s1 = TSimd.MultiplyAdd(v, w4, s1);
        s2 = TSimd.MultiplyAdd(v, w3, s2);
        s3 = TSimd.MultiplyAdd(v, w2, s3);
        s4 = TSimd.MultiplyAdd(v, w1, s4);
        s5 = TSimd.MultiplyAdd(v, w0, s5);

        x += pixel;
        v = TSimd.Load(x);
        s2 = TSimd.MultiplyAdd(v, w4, s2);
        s3 = TSimd.MultiplyAdd(v, w3, s3);
        s4 = TSimd.MultiplyAdd(v, w2, s4);
        s5 = TSimd.MultiplyAdd(v, w1, s5);
        s6 = TSimd.MultiplyAdd(v, w0, s6);

        x += pixel;
        v = TSimd.Load(x);
        s3 = TSimd.MultiplyAdd(v, w4, s3);
        s4 = TSimd.MultiplyAdd(v, w3, s4);
        s5 = TSimd.MultiplyAdd(v, w2, s5);
        s6 = TSimd.MultiplyAdd(v, w1, s6);

        x += pixel;
        v = TSimd.Load(x);
        s4 = TSimd.MultiplyAdd(v, w4, s4);
        s5 = TSimd.MultiplyAdd(v, w3, s5);
        s6 = TSimd.MultiplyAdd(v, w2, s6);

        x += pixel;
        v = TSimd.Load(x);
        s5 = TSimd.MultiplyAdd(v, w4, s5);
        s6 = TSimd.MultiplyAdd(v, w3, s6);

        x += pixel;
        v = TSimd.Load(x);
        s6 = TSimd.MultiplyAdd(v, w4, s6);
    }
}

/// <summary>Five columns, stride 2.</summary>
internal readonly unsafe struct DepthwiseRow5Stride2<TSimd, TVector> : IDepthwiseRow<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(
        float* x,
        nint pixel,
        float* w,
        ref TVector s0,
        ref TVector s1,
        ref TVector s2,
        ref TVector s3,
        ref TVector s4,
        ref TVector s5,
        ref TVector s6)
    {
        int lanes = TSimd.Lanes;
        TVector w0 = TSimd.Load(w);
        TVector w1 = TSimd.Load(w + lanes);
        TVector w2 = TSimd.Load(w + (2 * lanes));
        TVector w3 = TSimd.Load(w + (3 * lanes));
        TVector w4 = TSimd.Load(w + (4 * lanes));
        var v = TSimd.Load(x);
        s0 = TSimd.MultiplyAdd(v, w0, s0);

        x += pixel;
        v = TSimd.Load(x);
        s0 = TSimd.MultiplyAdd(v, w1, s0);

        x += pixel;
        v = TSimd.Load(x);
        s0 = TSimd.MultiplyAdd(v, w2, s0);
        s1 = TSimd.MultiplyAdd(v, w0, s1);

        x += pixel;
        v = TSimd.Load(x);
        s0 = TSimd.MultiplyAdd(v, w3, s0);
        s1 = TSimd.MultiplyAdd(v, w1, s1);

        x += pixel;
        v = TSimd.Load(x);
        s0 = TSimd.MultiplyAdd(v, w4, s0);
        s1 = TSimd.MultiplyAdd(v, w2, s1);
        s2 = TSimd.MultiplyAdd(v, w0, s2);

        x += pixel;
        v = TSimd.Load(x);
        s1 = TSimd.MultiplyAdd(v, w3, s1);
        s2 = TSimd.MultiplyAdd(v, w1, s2);

        x += pixel;
        v = TSimd.Load(x);
        s1 = TSimd.MultiplyAdd(v, w4, s1);
        s2 = TSimd.MultiplyAdd(v, w2, s2);
        s3 = TSimd.MultiplyAdd(v, w0, s3);

        x += pixel;
        v = TSimd.Load(x);
        s2 = TSimd.MultiplyAdd(v, w3, s2);
        s3 = TSimd.MultiplyAdd(v, w1, s3);

        x += pixel;
        v = TSimd.Load(x);
        s2 = TSimd.MultiplyAdd(v, w4, s2);
        s3 = TSimd.MultiplyAdd(v, w2, s3);
        s4 = TSimd.MultiplyAdd(v, w0, s4);

        x += pixel;
        v = TSimd.Load(x);
        s3 = TSimd.MultiplyAdd(v, w3, s3);
        s4 = TSimd.MultiplyAdd(v, w1, s4);

        x += pixel;
        v = TSimd.Load(x);
        s3 = TSimd.MultiplyAdd(v, w4, s3);
        s4 = TSimd.MultiplyAdd(v, w2, s4);
        s5 = TSimd.MultiplyAdd(v, w0, s5);

        x += pixel;
        v = TSimd.Load(x);
        s4 = TSimd.MultiplyAdd(v, w3, s4);
        s5 = TSimd.MultiplyAdd(v, w1, s5);

        x += pixel;
        v = TSimd.Load(x);
        s4 = TSimd.MultiplyAdd(v, w4, s4);
        s5 = TSimd.MultiplyAdd(v, w2, s5);
        s6 = TSimd.MultiplyAdd(v, w0, s6);

        x += pixel;
        v = TSimd.Load(x);
        s5 = TSimd.MultiplyAdd(v, w3, s5);
        s6 = TSimd.MultiplyAdd(v, w1, s6);

        x += pixel;
        v = TSimd.Load(x);
        s5 = TSimd.MultiplyAdd(v, w4, s5);
        s6 = TSimd.MultiplyAdd(v, w2, s6);

        x += pixel;
        v = TSimd.Load(x);
        s6 = TSimd.MultiplyAdd(v, w3, s6);

        x += pixel;
        v = TSimd.Load(x);
        s6 = TSimd.MultiplyAdd(v, w4, s6);
    }
}
