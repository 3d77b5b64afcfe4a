using System.Runtime.CompilerServices;
using EfficientNetSharp.Vectors;

namespace EfficientNetSharp.Inference.Kernels;

/// <summary>The operands of some neighbouring output pixels of a depthwise convolution.</summary>
internal unsafe struct DepthwiseOperands
{
    /// <summary>For each row of the kernel that counts, the input row under it.</summary>
    public float** InputRows;

    /// <summary>Where in those rows the input under the first column that counts of the first output pixel is.</summary>
    public nint Offset;

    /// <summary>Values from one pixel of the map to the next.</summary>
    public nint PixelStride;

    /// <summary>Values from one output pixel to the next.</summary>
    public nint OutputStride;

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
}

/// <summary>
/// The micro-kernel of depthwise convolutions: output pixels side by side, over all channels of a work item. They share the loads of the
/// weights and keep the adders busy; seven divide the widths of maps of 224/2ⁿ.
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
            float* w = weights;
            for (int kh = 0; kh < operands.Rows; kh++, w += kernelRow)
            {
                float* x = operands.InputRows[kh] + operands.Offset + c;
                for (int kw = 0; kw < columns; kw++, x += pixel) sum = TSimd.MultiplyAdd(TSimd.Load(x), TSimd.Load(w + (kw * lanes)), sum);
            }

            sum = TActivation.Apply(sum, operands.Slopes + c);
            TSimd.Store(sum, operands.Y + c);
            if (operands.Sums != null) TSimd.Store(TSimd.Add(TSimd.Load(operands.Sums + c), sum), operands.Sums + c);
        }
    }

    /// <summary>Tiles of neighbouring output pixels one after the other, whose windows count in all columns.</summary>
    /// <typeparam name="TActivation">The function.</typeparam>
    /// <typeparam name="TWidth">Columns of the kernel, or 1 for as many as the operands say.</typeparam>
    /// <typeparam name="TPixels">Pixels of a tile, at most seven.</typeparam>
    /// <param name="operands">The first tile.</param>
    /// <param name="tiles">How many there are.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RunTiles<TActivation, TWidth, TPixels>(in DepthwiseOperands operands, int tiles)
        where TActivation : struct, IActivation<TSimd, TVector>
        where TWidth : struct, ICount
        where TPixels : struct, ICount
    {
        int lanes = TSimd.Lanes, rows = operands.Rows, channels = operands.Channels;
        int width = TWidth.Value == 1 ? operands.Columns : TWidth.Value;
        nint pixel = operands.PixelStride * sizeof(float), stride = operands.WindowStride * sizeof(float);
        nint next = operands.OutputStride * sizeof(float);
        nint vectorWeights = (nint)operands.Taps * lanes, kernelRow = (nint)operands.KernelWidth * lanes;
        float** inputRows = operands.InputRows;
        float* sums = operands.Sums, output = operands.Y;
        nint offset = operands.Offset;
        for (; tiles > 0; tiles--, offset += TPixels.Value * operands.WindowStride, output += TPixels.Value * operands.OutputStride)
        {
            float* weights = operands.Weights;
            for (int c = 0; c < channels; c += lanes, weights += vectorWeights)
            {
                TVector s0 = TSimd.Load(operands.Bias + c), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0;
                float* w = weights;
                for (int kh = 0; kh < rows; kh++, w += kernelRow)
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
                float* slopes = operands.Slopes + c;
                var sum = sums != null ? TSimd.Load(sums + c) : default;
                Finish<TActivation>(s0, slopes, y, ref sum);
                if (TPixels.Value > 1) Finish<TActivation>(s1, slopes, y + next, ref sum);
                if (TPixels.Value > 2) Finish<TActivation>(s2, slopes, y + (2 * next), ref sum);
                if (TPixels.Value > 3) Finish<TActivation>(s3, slopes, y + (3 * next), ref sum);
                if (TPixels.Value > 4) Finish<TActivation>(s4, slopes, y + (4 * next), ref sum);
                if (TPixels.Value > 5) Finish<TActivation>(s5, slopes, y + (5 * next), ref sum);
                if (TPixels.Value > 6) Finish<TActivation>(s6, slopes, y + (6 * next), ref sum);
                if (sums != null) TSimd.Store(sum, sums + c);
            }
        }
    }

    /// <summary>Tiles of seven pixels under one of the usual windows.</summary>
    /// <typeparam name="TActivation">The function.</typeparam>
    /// <typeparam name="TRow">A row of the window.</typeparam>
    /// <param name="operands">The first tile.</param>
    /// <param name="tiles">How many there are.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RunSevens<TActivation, TRow>(in DepthwiseOperands operands, int tiles)
        where TActivation : struct, IActivation<TSimd, TVector>
        where TRow : struct, IDepthwiseRow<TSimd, TVector>
    {
        int lanes = TSimd.Lanes, rows = operands.Rows, channels = operands.Channels;
        nint pixel = operands.PixelStride, next = operands.OutputStride * sizeof(float);
        nint vectorWeights = (nint)operands.Taps * lanes, kernelRow = (nint)operands.KernelWidth * lanes;
        float** inputRows = operands.InputRows;
        float* sums = operands.Sums, output = operands.Y;
        nint offset = operands.Offset;
        for (; tiles > 0; tiles--, offset += 7 * operands.WindowStride, output += 7 * operands.OutputStride)
        {
            float* weights = operands.Weights;
            for (int c = 0; c < channels; c += lanes, weights += vectorWeights)
            {
                TVector s0 = TSimd.Load(operands.Bias + c), s1 = s0, s2 = s0, s3 = s0, s4 = s0, s5 = s0, s6 = s0;
                float* w = weights;
                for (int kh = 0; kh < rows; kh++, w += kernelRow)
                    TRow.Add(inputRows[kh] + offset + c, pixel, w, ref s0, ref s1, ref s2, ref s3, ref s4, ref s5, ref s6);

                byte* y = (byte*)(output + c);
                float* slopes = operands.Slopes + c;
                var sum = sums != null ? TSimd.Load(sums + c) : default;
                Finish<TActivation>(s0, slopes, y, ref sum);
                Finish<TActivation>(s1, slopes, y + next, ref sum);
                Finish<TActivation>(s2, slopes, y + (2 * next), ref sum);
                Finish<TActivation>(s3, slopes, y + (3 * next), ref sum);
                Finish<TActivation>(s4, slopes, y + (4 * next), ref sum);
                Finish<TActivation>(s5, slopes, y + (5 * next), ref sum);
                Finish<TActivation>(s6, slopes, y + (6 * next), ref sum);
                if (sums != null) TSimd.Store(sum, sums + c);
            }
        }
    }

    /// <summary>Pixels whose windows count in all columns, in as large tiles as there is room for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void RunRow<TActivation>(in DepthwiseOperands operands, int pixels)
        where TActivation : struct, IActivation<TSimd, TVector>
    {
        var rest = operands;
        RunSevens<TActivation>(ref rest, ref pixels);
        RunTiles<TActivation, Count4>(ref rest, ref pixels);
        RunTiles<TActivation, Count2>(ref rest, ref pixels);
        RunTiles<TActivation, Count1>(ref rest, ref pixels);
    }

    private static void RunSevens<TActivation>(ref DepthwiseOperands operands, ref int pixels)
        where TActivation : struct, IActivation<TSimd, TVector>
    {
        int tiles = pixels / 7;
        if (tiles == 0) return;
        switch (operands.KernelWidth, operands.WindowStride / operands.PixelStride)
        {
            case (3, 1):
                RunSevens<TActivation, DepthwiseRow3<TSimd, TVector>>(operands, tiles);
                break;
            case (3, 2):
                RunSevens<TActivation, DepthwiseRow3Stride2<TSimd, TVector>>(operands, tiles);
                break;
            case (5, 1):
                RunSevens<TActivation, DepthwiseRow5<TSimd, TVector>>(operands, tiles);
                break;
            case (5, 2):
                RunSevens<TActivation, DepthwiseRow5Stride2<TSimd, TVector>>(operands, tiles);
                break;
            default:
                RunTiles<TActivation, Count7>(ref operands, ref pixels);
                return;
        }

        Advance(ref operands, ref pixels, 7 * tiles);
    }

    private static void RunTiles<TActivation, TPixels>(ref DepthwiseOperands operands, ref int pixels)
        where TActivation : struct, IActivation<TSimd, TVector>
        where TPixels : struct, ICount
    {
        int tiles = pixels / TPixels.Value;
        if (tiles == 0) return;
        switch (operands.KernelWidth)
        {
            case 3:
                RunTiles<TActivation, Count3, TPixels>(operands, tiles);
                break;
            case 5:
                RunTiles<TActivation, Count5, TPixels>(operands, tiles);
                break;
            default:
                RunTiles<TActivation, Count1, TPixels>(operands, tiles);
                break;
        }

        Advance(ref operands, ref pixels, tiles * TPixels.Value);
    }

    private static void Advance(ref DepthwiseOperands operands, ref int pixels, int done)
    {
        operands.Offset += done * operands.WindowStride;
        operands.Y += done * operands.OutputStride;
        pixels -= done;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish<TActivation>(TVector value, float* slopes, byte* y, ref TVector sum)
        where TActivation : struct, IActivation<TSimd, TVector>
    {
        value = TActivation.Apply(value, slopes);
        TSimd.Store(value, (float*)y);
        sum = TSimd.Add(sum, value);
    }
}
