using System.Runtime.CompilerServices;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Vectors;

namespace EfficientNetSharp.Inference.Kernels;

/// <summary>The operands of some rows of output pixels of a depthwise convolution.</summary>
internal unsafe struct DepthwiseOperands
{
    /// <summary>
    /// For each row of the kernel that counts, the input row under it; for the next row of outputs from <see cref="RowStep"/> on, and so on.
    /// </summary>
    public float** InputRows;

    /// <summary>Input rows from one row of outputs to the next: the window's stride.</summary>
    public int RowStep;

    /// <summary>Where in those rows the input under the first column that counts of the first output pixel is.</summary>
    public nint Offset;

    /// <summary>Values from one pixel of the map to the next.</summary>
    public nint PixelStride;

    /// <summary>Values from one output pixel to the next.</summary>
    public nint OutputStride;

    /// <summary>Values from one row of outputs to the next.</summary>
    public nint OutputRowStride;

    /// <summary>Values from the input of one output pixel to that of the next: the window's stride in pixels of the map.</summary>
    public nint WindowStride;

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

    /// <summary>The function.</summary>
    public ActivationKind Activation;
}

/// <summary>
/// The micro-kernel of depthwise convolutions: output pixels side by side, over all channels of a work item. They share the loads of the
/// weights and keep the adders busy; seven divide the widths of maps of 224/2ⁿ. Where pixels are left over, the last tile begins so much
/// earlier, and some are computed twice: a smaller tile would not take less time, as it would wait for its own results. Functions that
/// are more than a bound, and the channels' sums, are another pass over stored rows, which leaves the registers to the convolution.
/// </summary>
internal static unsafe class DepthwiseTile<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    /// <summary>The sums of one output pixel, of whose window only a part may count, without the function.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RunOne(in DepthwiseOperands operands)
    {
        int lanes = TSimd.Lanes, columns = operands.Columns;
        nint pixel = operands.PixelStride, vectorWeights = (nint)operands.Taps * lanes, kernelRow = (nint)operands.KernelWidth * lanes;
        float* weights = operands.Weights;
        for (int c = 0; c < operands.Channels; c += lanes, weights += vectorWeights)
        {
            var sum = TSimd.Load(operands.Bias + c);
            float* w = weights;
            for (int kh = 0; kh < operands.Rows; kh++, w += kernelRow)
            {
                float* x = operands.InputRows[kh] + operands.Offset + c;
                for (int kw = 0; kw < columns; kw++, x += pixel) sum = TSimd.MultiplyAdd(TSimd.Load(x), TSimd.Load(w + (kw * lanes)), sum);
            }

            TSimd.Store(sum, operands.Y + c);
        }
    }

    /// <summary>Rows of neighbouring output pixels whose windows count in all columns, with what follows the sums.</summary>
    /// <param name="operands">The first row.</param>
    /// <param name="pixels">Pixels of a row.</param>
    /// <param name="rows">Rows.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(in DepthwiseOperands operands, int pixels, int rows)
    {
        switch (operands.Activation)
        {
            case ActivationKind.Relu:
                Run<ReluEpilogue>(operands, pixels, rows);
                Finish(operands, ActivationKind.Identity, pixels, rows);
                break;
            case ActivationKind.Relu6:
                Run<Relu6Epilogue>(operands, pixels, rows);
                Finish(operands, ActivationKind.Identity, pixels, rows);
                break;
            default:
                Run<SumEpilogue>(operands, pixels, rows);
                Finish(operands, operands.Activation, pixels, rows);
                break;
        }
    }

    /// <summary>The sums of such rows alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RunSums(in DepthwiseOperands operands, int pixels, int rows) => Run<SumEpilogue>(operands, pixels, rows);

    /// <summary>What follows the sums of some stored rows: the function, and the channels' sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Finish(in DepthwiseOperands operands, ActivationKind function, int pixels, int rows)
    {
        if (function == ActivationKind.Identity && operands.Sums == null) return;
        float* y = operands.Y;
        for (int row = 0; row < rows; row++, y += operands.OutputRowStride)
        {
            EpilogueKernel<TSimd, TVector>.ApplyAndSum(
                function, y, operands.OutputStride, pixels, operands.Channels, operands.Slopes, operands.Sums);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<TEpilogue>(in DepthwiseOperands operands, int pixels, int rows)
        where TEpilogue : struct, ITileEpilogue
    {
        nint stride = operands.WindowStride / operands.PixelStride;
        switch (operands.KernelWidth)
        {
            case 3 when pixels >= Sevens && stride == 1:
                RunSevens<DepthwiseRow3<TSimd, TVector>, TEpilogue>(operands, pixels, rows);
                break;
            case 3 when pixels >= Sevens && stride == 2:
                RunSevens<DepthwiseRow3Stride2<TSimd, TVector>, TEpilogue>(operands, pixels, rows);
                break;
            case 5 when pixels >= Sevens && stride == 1:
                RunSevens<DepthwiseRow5<TSimd, TVector>, TEpilogue>(operands, pixels, rows);
                break;
            case 5 when pixels >= Sevens && stride == 2:
                RunSevens<DepthwiseRow5Stride2<TSimd, TVector>, TEpilogue>(operands, pixels, rows);
                break;
            case 3:
                RunTiles<Count3, TEpilogue>(operands, pixels, rows);
                break;
            case 5:
                RunTiles<Count5, TEpilogue>(operands, pixels, rows);
                break;
            default:
                RunTiles<Count1, TEpilogue>(operands, pixels, rows);
                break;
        }
    }

    private const int Sevens = 7;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunTiles<TWidth, TEpilogue>(in DepthwiseOperands operands, int pixels, int rows)
        where TWidth : struct, ICount
        where TEpilogue : struct, ITileEpilogue
    {
        switch (pixels)
        {
            case >= Sevens:
                RunTiles<TWidth, Count7, TEpilogue>(operands, pixels, rows);
                break;
            case >= 4:
                RunTiles<TWidth, Count4, TEpilogue>(operands, pixels, rows);
                break;
            case >= 2:
                RunTiles<TWidth, Count2, TEpilogue>(operands, pixels, rows);
                break;
            case 1:
                RunTiles<TWidth, Count1, TEpilogue>(operands, pixels, rows);
                break;
        }
    }

    /// <summary>Tiles under one of the usual windows.</summary>
    /// <typeparam name="TRow">A row of the window.</typeparam>
    /// <typeparam name="TEpilogue">What is done before outputs are stored.</typeparam>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunSevens<TRow, TEpilogue>(in DepthwiseOperands operands, int pixels, int rows)
        where TRow : struct, IDepthwiseRow<TSimd, TVector>
        where TEpilogue : struct, ITileEpilogue
    {
        int lanes = TSimd.Lanes, kernelRows = operands.Rows, channels = operands.Channels;
        nint pixel = operands.PixelStride, next = operands.OutputStride * sizeof(float);
        nint vectorWeights = (nint)operands.Taps * lanes, kernelRow = (nint)operands.KernelWidth * lanes;
        float** inputRows = operands.InputRows;
        float* outputs = operands.Y;
        for (; rows > 0; rows--, inputRows += operands.RowStep, outputs += operands.OutputRowStride)
        {
            for (int done = 0; done < pixels; done += Sevens)
            {
                int first = Math.Min(done, pixels - Sevens);
                nint offset = operands.Offset + (first * operands.WindowStride);
                float* output = outputs + (first * operands.OutputStride), weights = operands.Weights;
                int c = 0;

                // Two vectors of channels at once, where there are registers for them: a multiply-adder's results are not waited for then.
                for (; TSimd.TileRows > Sevens && c + lanes < channels; c += 2 * lanes, weights += 2 * vectorWeights)
                {
                    TVector s0 = TSimd.Load(operands.Bias + c), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0;
                    TVector t0 = TSimd.Load(operands.Bias + c + lanes), t1 = t0, t2 = t0, t3 = t0, t4 = t0, t5 = t0, t6 = t0;
                    float* w = weights;
                    for (int kh = 0; kh < kernelRows; kh++, w += kernelRow)
                    {
                        float* x = inputRows[kh] + offset + c;
                        TRow.Add(x, pixel, w, ref s0, ref s1, ref s2, ref s3, ref s4, ref s5, ref s6);
                        TRow.Add(x + lanes, pixel, w + vectorWeights, ref t0, ref t1, ref t2, ref t3, ref t4, ref t5, ref t6);
                    }

                    byte* y = (byte*)(output + c), y2 = (byte*)(output + c + lanes);
                    Store<TEpilogue>(s0, y);
                    Store<TEpilogue>(t0, y2);
                    Store<TEpilogue>(s1, y + next);
                    Store<TEpilogue>(t1, y2 + next);
                    Store<TEpilogue>(s2, y + (2 * next));
                    Store<TEpilogue>(t2, y2 + (2 * next));
                    Store<TEpilogue>(s3, y + (3 * next));
                    Store<TEpilogue>(t3, y2 + (3 * next));
                    Store<TEpilogue>(s4, y + (4 * next));
                    Store<TEpilogue>(t4, y2 + (4 * next));
                    Store<TEpilogue>(s5, y + (5 * next));
                    Store<TEpilogue>(t5, y2 + (5 * next));
                    Store<TEpilogue>(s6, y + (6 * next));
                    Store<TEpilogue>(t6, y2 + (6 * next));
                }

                for (; c < channels; c += lanes, weights += vectorWeights)
                {
                    TVector s0 = TSimd.Load(operands.Bias + c), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0;
                    float* w = weights;
                    for (int kh = 0; kh < kernelRows; kh++, w += kernelRow)
                        TRow.Add(inputRows[kh] + offset + c, pixel, w, ref s0, ref s1, ref s2, ref s3, ref s4, ref s5, ref s6);

                    byte* y = (byte*)(output + c);
                    Store<TEpilogue>(s0, y);
                    Store<TEpilogue>(s1, y + next);
                    Store<TEpilogue>(s2, y + (2 * next));
                    Store<TEpilogue>(s3, y + (3 * next));
                    Store<TEpilogue>(s4, y + (4 * next));
                    Store<TEpilogue>(s5, y + (5 * next));
                    Store<TEpilogue>(s6, y + (6 * next));
                }
            }
        }
    }

    /// <summary>Tiles under any window.</summary>
    /// <typeparam name="TWidth">Columns of the kernel, or 1 for as many as the operands say.</typeparam>
    /// <typeparam name="TPixels">Pixels of a tile, at most seven.</typeparam>
    /// <typeparam name="TEpilogue">What is done before outputs are stored.</typeparam>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void RunTiles<TWidth, TPixels, TEpilogue>(in DepthwiseOperands operands, int pixels, int rows)
        where TWidth : struct, ICount
        where TPixels : struct, ICount
        where TEpilogue : struct, ITileEpilogue
    {
        int lanes = TSimd.Lanes, kernelRows = operands.Rows, channels = operands.Channels;
        int width = TWidth.Value == 1 ? operands.Columns : TWidth.Value;
        nint pixel = operands.PixelStride * sizeof(float), stride = operands.WindowStride * sizeof(float);
        nint next = operands.OutputStride * sizeof(float);
        nint vectorWeights = (nint)operands.Taps * lanes, kernelRow = (nint)operands.KernelWidth * lanes;
        float** inputRows = operands.InputRows;
        float* outputs = operands.Y;
        for (; rows > 0; rows--, inputRows += operands.RowStep, outputs += operands.OutputRowStride)
        {
            for (int done = 0; done < pixels; done += TPixels.Value)
            {
                int first = Math.Min(done, pixels - TPixels.Value);
                nint offset = operands.Offset + (first * operands.WindowStride);
                float* output = outputs + (first * operands.OutputStride), weights = operands.Weights;
                for (int c = 0; c < channels; c += lanes, weights += vectorWeights)
                {
                    TVector s0 = TSimd.Load(operands.Bias + c), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0;
                    float* w = weights;
                    for (int kh = 0; kh < kernelRows; kh++, w += kernelRow)
                    {
                        // Three pixels share a pointer, as the rows of a MatrixTile do.
                        byte* p0 = (byte*)(inputRows[kh] + offset + c), p1 = p0 + (3 * stride), p2 = p1 + (3 * stride);
                        float* tap = w;
                        for (int kw = 0; kw < width; kw++)
                        {
                            var weight = TSimd.Load(tap);
                            s0 = TSimd.MultiplyAdd(TSimd.Load((float*)p0), weight, s0);
                            if (TPixels.Value > 1) s1 = TSimd.MultiplyAdd(TSimd.Load((float*)(p0 + stride)), weight, s1);
                            if (TPixels.Value > 2) s2 = TSimd.MultiplyAdd(TSimd.Load((float*)(p0 + (2 * stride))), weight, s2);
                            if (TPixels.Value > 3) s3 = TSimd.MultiplyAdd(TSimd.Load((float*)p1), weight, s3);
                            if (TPixels.Value > 4) s4 = TSimd.MultiplyAdd(TSimd.Load((float*)(p1 + stride)), weight, s4);
                            if (TPixels.Value > 5) s5 = TSimd.MultiplyAdd(TSimd.Load((float*)(p1 + (2 * stride))), weight, s5);
                            if (TPixels.Value > 6) s6 = TSimd.MultiplyAdd(TSimd.Load((float*)p2), weight, s6);
                            tap += lanes;
                            p0 += pixel;
                            p1 += pixel;
                            p2 += pixel;
                        }
                    }

                    byte* y = (byte*)(output + c);
                    Store<TEpilogue>(s0, y);
                    if (TPixels.Value > 1) Store<TEpilogue>(s1, y + next);
                    if (TPixels.Value > 2) Store<TEpilogue>(s2, y + (2 * next));
                    if (TPixels.Value > 3) Store<TEpilogue>(s3, y + (3 * next));
                    if (TPixels.Value > 4) Store<TEpilogue>(s4, y + (4 * next));
                    if (TPixels.Value > 5) Store<TEpilogue>(s5, y + (5 * next));
                    if (TPixels.Value > 6) Store<TEpilogue>(s6, y + (6 * next));
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TEpilogue>(TVector value, byte* y)
        where TEpilogue : struct, ITileEpilogue
    {
        if (TEpilogue.ClampsBelowZero) value = TSimd.MaxNative(value, TSimd.Broadcast(0));
        if (TEpilogue.ClampsAboveSix) value = TSimd.MinNative(value, TSimd.Broadcast(6));
        TSimd.Store(value, (float*)y);
    }
}
