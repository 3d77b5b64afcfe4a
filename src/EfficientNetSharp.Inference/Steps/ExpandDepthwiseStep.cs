using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EfficientNetSharp.Inference.Kernels;
using EfficientNetSharp.Inference.Memory;
using EfficientNetSharp.Inference.Layout;
using EfficientNetSharp.Vectors;

namespace EfficientNetSharp.Inference.Steps;

/// <summary>
/// A 1×1 convolution and the depthwise one that alone takes its value, as in every MBConv block. The wide map between them is never
/// stored: for one panel of channels after the other, a ring holds just the rows that the window covers, which the first-level
/// cache has room for.
/// </summary>
internal sealed unsafe class ExpandDepthwiseStep<TSimd, TVector> : PlanStep
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    // The channels' sums are taken over bands of rows, whose number must not depend on the threads, or the sums' rounding would.
    private const int RowsPerBand = 7, MaxBands = 8;

    // Threads share a map by its rows where it has this many, as what one thread wrote is then read by the same one in the next step;
    // where their bands meet, both compute the rows that windows share. Lower maps are shared by channels.
    private const int MinRowsToCut = 28;

    // Pixels that are expanded at once: enough for whole tiles also where the map has short rows.
    private const int MinPixelsAtOnce = 28;

    // Rows of the output that are computed at once.
    private const int MaxOutputRows = 16;

    // What a ring may take of the first-level cache without need: large maps need more for the rows under one window.
    private const int RingBytes = 16 * 1024;

    private readonly Slot _x, _y;
    private readonly Slot? _sums;
    private readonly Window _window;
    private readonly Layer _expand, _depthwise;
    private readonly AlignedBuffer<float> _expandBias, _expandSlopes, _depthwiseBias, _depthwiseSlopes;
    private readonly int _bands, _rowsAtOnce, _ringRows;

    public ExpandDepthwiseStep(string name, Window window, Slot x, Slot y, Slot? sums, Layer expand, Layer depthwise)
        : base(
            name,
            PlanStepKind.ExpandDepthwise,
            ((long)x.Positions * x.Channels * y.Channels) + ((long)y.Positions * y.Channels * window.Taps),
            [.. new[] { x, expand.PerImageWeights, depthwise.PerImageWeights }.OfType<Slot>()],
            sums is null ? [y] : [y, sums])
    {
        (_x, _y, _sums, _window, _expand, _depthwise) = (x, y, sums, window, expand, depthwise);
        _expandBias = WeightPacking.PackChannels(expand.Bias, y.Channels, TSimd.Lanes);
        _expandSlopes = WeightPacking.PackChannels(expand.Epilogue.Slopes, y.Channels, TSimd.Lanes);
        _depthwiseBias = WeightPacking.PackChannels(depthwise.Bias, y.Channels, TSimd.Lanes);
        _depthwiseSlopes = WeightPacking.PackChannels(depthwise.Epilogue.Slopes, y.Channels, TSimd.Lanes);
        _bands = Bands(window.OutputHeight);
        int rowsForTiles = (MinPixelsAtOnce + window.Width - 1) / window.Width;
        int rowsInCache = (int)Math.Min(window.Height, RingBytes / sizeof(float) / RingStride) - window.KernelHeight + 1;
        _rowsAtOnce = Math.Min(window.Height, Math.Max(rowsForTiles, rowsInCache));
        _ringRows = window.KernelHeight + _rowsAtOnce - 1;
    }

    /// <inheritdoc />
    public override long ScratchBytes => sizeof(float) * (_ringRows + 1) * RingStride;

    private long RingStride
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ((long)_window.Width + _window.Pads.Left + _window.Pads.Right) * 2 * TSimd.Lanes;
    }

    private int Vectors
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _y.PaddedChannels / TSimd.Lanes;
    }

    private int Panels => (Vectors + 1) / 2;

    /// <summary>How many partial sums of each channel there are for an output of so many rows.</summary>
    public static int Bands(int outputHeight) => Math.Clamp(outputHeight / RowsPerBand, 1, MaxBands);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int WorkItems(int images, int threads)
    {
        var (rowParts, channelParts) = Cut(threads);
        return images * rowParts * channelParts;
    }

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(in Frame frame, int item)
    {
        var (rowParts, channelParts) = Cut(frame.Threads);
        int channelPart = item % channelParts, rowPart = item / channelParts % rowParts, image = item / channelParts / rowParts;
        int firstBand = Part(_bands, rowParts, rowPart), endBand = Part(_bands, rowParts, rowPart + 1);

        // The ring's padding and the row of zeros stay as they are for all panels.
        NativeMemory.Clear(frame.Scratch<float>(), (nuint)(sizeof(float) * (_ringRows + 1) * RingStride));
        int endPanel = Part(Panels, channelParts, channelPart + 1);
        for (int panel = Part(Panels, channelParts, channelPart); panel < endPanel; panel++)
        {
            var work = new PanelWork(this, frame, image, panel);
            for (int band = firstBand; band < endBand; band++) work.RunBand(band);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private (int RowParts, int ChannelParts) Cut(int threads)
    {
        if (threads == 1) return (1, 1);
        int rowParts = _window.OutputHeight >= MinRowsToCut ? Math.Min(threads, _bands) : 1;
        return (rowParts, Math.Min(Panels, ItemsPerThread * threads / rowParts));
    }

    // One panel of channels of one image.
    private ref struct PanelWork
    {
        private readonly ExpandDepthwiseStep<TSimd, TVector> _step;
        private readonly MatrixOperands _matrix;
        private readonly DepthwiseOperands _filter;
        private readonly float* _ring, _zeros;
        private readonly int _firstVector, _endVector;

        // The rows before this one have been expanded; none yet where it is negative.
        private int _expanded = -1;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public PanelWork(ExpandDepthwiseStep<TSimd, TVector> step, in Frame frame, int image, int panel)
        {
            _step = step;
            var (window, y, lanes) = (step._window, step._y, TSimd.Lanes);
            (_firstVector, _endVector) = (2 * panel, Math.Min(step.Vectors, (2 * panel) + 2));
            int column = _firstVector * lanes;
            _ring = frame.Scratch<float>();
            _zeros = _ring + (step._ringRows * step.RingStride);
            _matrix = new MatrixOperands
            {
                X = frame.At<float>(step._x, image),
                RowBytes = (nint)sizeof(float) * step._x.Stride,
                Weights = step._expand.WeightsOf(frame, image),
                Depth = step._x.Channels,
                Stretches = 1,
                WeightDepth = step._x.Channels,
                Bias = step._expandBias.Pointer,
                Slopes = step._expandSlopes.Pointer,

                // The ring holds the panel's channels alone.
                Y = _ring + (window.Pads.Left * 2 * lanes) - column,
                Stride = 2 * lanes,
                Activation = step._expand.Epilogue.Activation,
                Width = window.Width,
                Gap = ((nint)window.Pads.Left + window.Pads.Right) * 2 * lanes,
                PassRows = step._x.Positions,
            };
            float* filter = step._depthwise.WeightsOf(frame, image);
            _filter = new DepthwiseOperands
            {
                PixelStride = 2 * lanes,
                OutputStride = y.Stride,
                OutputRowStride = (nint)window.OutputWidth * y.Stride,
                RowStep = window.Stride,
                WindowStride = (nint)window.Stride * 2 * lanes,
                Weights = filter + ((nint)column * window.Taps),
                KernelWidth = window.KernelWidth,
                Taps = window.Taps,
                Rows = window.KernelHeight,
                Columns = window.KernelWidth,
                Bias = step._depthwiseBias.Pointer + column,
                Slopes = step._depthwiseSlopes.Pointer + column,
                Y = frame.At<float>(y, image) + column,
                Sums = step._sums is null ? null : frame.At<float>(step._sums, image) + column,
                Channels = (_endVector - _firstVector) * lanes,
                Activation = step._depthwise.Epilogue.Activation,
            };
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void RunBand(int band)
        {
            var window = _step._window;
            float** rows = stackalloc float*[((MaxOutputRows - 1) * window.Stride) + window.KernelHeight];
            var operands = _filter;
            operands.InputRows = rows;
            if (_filter.Sums != null)
            {
                operands.Sums = _filter.Sums + ((nint)band * _filter.OutputStride);
                new Span<float>(operands.Sums, _filter.Channels).Clear();
            }

            int endRow = FirstRow(band + 1);
            for (int row = FirstRow(band), end; row < endRow; row = end)
            {
                if (_expanded < 0) _expanded = Math.Max(0, window.RowsAt(row).Top);
                while (_expanded < EndOfInputs(row)) _expanded = Expand(_expanded);

                // All rows that the ring holds the inputs of.
                end = row + 1;
                while (end < Math.Min(endRow, row + MaxOutputRows) && EndOfInputs(end) <= _expanded) end++;
                int top = window.RowsAt(row).Top, inputs = ((end - row - 1) * window.Stride) + window.KernelHeight;
                for (int i = 0; i < inputs; i++) rows[i] = InputRow(top + i);
                operands.Y = _filter.Y + ((nint)row * _filter.OutputRowStride);
                DepthwiseTile<TSimd, TVector>.Run(operands, window.OutputWidth, end - row);
            }
        }

        private int FirstRow(int band) => Part(_step._window.OutputHeight, _step._bands, band);

        // The row after the last one of the map that a row of the output sees.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private int EndOfInputs(int row)
        {
            var (top, _, end) = _step._window.RowsAt(row);
            return top + end;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private float* InputRow(int row) =>
            (uint)row < (uint)_step._window.Height ? _ring + (row % _step._ringRows * _step.RingStride) : _zeros;

        // Some rows from the given one on, up to the ring's end; returns the row after them.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private readonly int Expand(int row)
        {
            int inRing = row % _step._ringRows, count = Math.Min(_step._rowsAtOnce, _step._ringRows - inRing);
            int end = Math.Min(row + count, _step._window.Height), width = _step._window.Width;
            var operands = _matrix;
            operands.PassRow = row * width;
            operands.X += (nint)row * width * _step._x.Stride;
            operands.Y += inRing * (nint)_step.RingStride;
            MatrixProduct<TSimd, TVector>.Run(operands, (end - row) * width, _firstVector, _endVector);
            return end;
        }
    }
}
