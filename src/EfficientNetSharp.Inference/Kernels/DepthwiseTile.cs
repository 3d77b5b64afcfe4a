using System.Runtime.CompilerServices;

namespace EfficientNetSharp.Inference.Kernels;

/// <summary>The operands of some neighbouring output pixels of a depthwise convolution.</summary>
internal unsafe struct DepthwiseOperands
{
    /// <summary>The input under the first tap that counts of the first output pixel.</summary>
    public float* X;

    /// <summary>Values from one input row to the next.</summary>
    public nint RowStride;

    /// <summary>Values from one input pixel to the next, and from one output pixel to the next.</summary>
    public nint PixelStride;

    /// <summary>Values from the input of one output pixel to that of the next.</summary>
    public nint Step;

    /// <summary>Weights [vector, kh, kw, lane], at the first tap that counts.</summary>
    public float* Weights;

    /// <summary>Columns of the kernel.</summary>
    public int KernelWidth;

    /// <summary>Taps of the kernel.</summary>
    public int Taps;

    /// <summary>Rows of the kernel that count.</summary>
    public int Rows;

    /// <summary>Columns of the kernel that count.</summary>
    public int Columns;

    public float* Bias;

    public float* Slopes;

    public float* Y;

    /// <summary>Where the outputs are summed up as well; <see langword="null"/> for nowhere.</summary>
    public float* Sums;

    /// <summary>Channels, a multiple of the lanes.</summary>
    public int Channels;
}

/// <summary>
/// The micro-kernel of depthwise convolutions: one or four output pixels side by side, over all channels of a piece. Four share the
/// loads of the weights and keep the adders busy.
/// </summary>
internal static unsafe class DepthwiseTile<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    /// <summary>One output pixel, of whose window only a part may count.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RunOne<TActivation>(in DepthwiseOperands operands)
        where TActivation : struct, IActivation<TSimd, TVector>
    {
        int lanes = TSimd.Lanes, columns = operands.Columns;
        nint pixel = operands.PixelStride, vectorWeights = (nint)operands.Taps * lanes, kernelRow = (nint)operands.KernelWidth * lanes;
        float* weights = operands.Weights;
        for (int c = 0; c < operands.Channels; c += lanes, weights += vectorWeights)
        {
            var sum = TSimd.Load(operands.Bias + c);
            float* row = operands.X + c, w = weights;
            for (int kh = 0; kh < operands.Rows; kh++, row += operands.RowStride, w += kernelRow)
            {
                float* x = row;
                for (int kw = 0; kw < columns; kw++, x += pixel) sum = TSimd.MultiplyAdd(TSimd.Load(x), TSimd.Load(w + (kw * lanes)), sum);
            }

            sum = TActivation.Apply(sum, operands.Slopes + c);
            TSimd.Store(sum, operands.Y + c);
            if (operands.Sums != null) TSimd.Store(TSimd.Add(TSimd.Load(operands.Sums + c), sum), operands.Sums + c);
        }
    }

    /// <summary>Four output pixels, whose windows count in all columns.</summary>
    /// <typeparam name="TActivation">The function.</typeparam>
    /// <typeparam name="TWidth">Columns of the kernel where there are at most five; more are in the operands.</typeparam>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RunFour<TActivation, TWidth>(in DepthwiseOperands operands)
        where TActivation : struct, IActivation<TSimd, TVector>
        where TWidth : struct, ICount
    {
        int lanes = TSimd.Lanes, columns = operands.Columns, rows = operands.Rows, channels = operands.Channels;
        nint pixel = operands.PixelStride, step = operands.Step, rowStride = operands.RowStride;
        nint vectorWeights = (nint)operands.Taps * lanes, kernelRow = (nint)operands.KernelWidth * lanes;
        float* weights = operands.Weights, sums = operands.Sums;
        for (int c = 0; c < channels; c += lanes, weights += vectorWeights)
        {
            TVector s0 = TSimd.Load(operands.Bias + c), s1 = s0, s2 = s0, s3 = s0;
            float* row = operands.X + c, w = weights;
            for (int kh = 0; kh < rows; kh++, row += rowStride, w += kernelRow)
            {
                float* x = row;
                int kw = 0;
                do
                {
                    Tap(w, x, step, ref s0, ref s1, ref s2, ref s3);
                    if (TWidth.Value == 3 || TWidth.Value == 5)
                    {
                        Tap(w + lanes, x + pixel, step, ref s0, ref s1, ref s2, ref s3);
                        Tap(w + (2 * lanes), x + (2 * pixel), step, ref s0, ref s1, ref s2, ref s3);
                    }

                    if (TWidth.Value == 5)
                    {
                        Tap(w + (3 * lanes), x + (3 * pixel), step, ref s0, ref s1, ref s2, ref s3);
                        Tap(w + (4 * lanes), x + (4 * pixel), step, ref s0, ref s1, ref s2, ref s3);
                    }

                    if (TWidth.Value == 1)
                    {
                        kw++;
                        x += pixel;
                        w += lanes;
                    }
                }
                while (TWidth.Value == 1 && kw < columns);
                if (TWidth.Value == 1) w -= (nint)columns * lanes;
            }

            float* slopes = operands.Slopes + c, y = operands.Y + c;
            s0 = TActivation.Apply(s0, slopes);
            s1 = TActivation.Apply(s1, slopes);
            s2 = TActivation.Apply(s2, slopes);
            s3 = TActivation.Apply(s3, slopes);
            TSimd.Store(s0, y);
            TSimd.Store(s1, y + pixel);
            TSimd.Store(s2, y + (2 * pixel));
            TSimd.Store(s3, y + (3 * pixel));
            if (sums != null) TSimd.Store(TSimd.Add(TSimd.Load(sums + c), TSimd.Add(TSimd.Add(s0, s1), TSimd.Add(s2, s3))), sums + c);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Tap(float* w, float* x, nint step, ref TVector s0, ref TVector s1, ref TVector s2, ref TVector s3)
    {
        var weight = TSimd.Load(w);
        s0 = TSimd.MultiplyAdd(TSimd.Load(x), weight, s0);
        s1 = TSimd.MultiplyAdd(TSimd.Load(x + step), weight, s1);
        s2 = TSimd.MultiplyAdd(TSimd.Load(x + (2 * step)), weight, s2);
        s3 = TSimd.MultiplyAdd(TSimd.Load(x + (3 * step)), weight, s3);
    }
}
