using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EfficientNetSharp.Inference.Kernels;
using EfficientNetSharp.Inference.Memory;
using EfficientNetSharp.Inference.Layout;
using EfficientNetSharp.Vectors;

namespace EfficientNetSharp.Inference.Steps;

/// <summary>
/// A convolution and the depthwise one that alone takes its value: in every MBConv block, where the first is 1×1, and behind most stems.
/// The map between them is never stored: for one panel of channels after the other, a ring holds just the rows that the window covers,
/// which the first-level cache has room for.
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

    // Rows of the ring that windows of outputs which are computed at once begin in.
    private const int MaxInputRows = 32;

    // What a ring may take of the first-level cache without need: large maps need more for the rows under one window.
    private const int RingBytes = 24 * 1024;

    private readonly Slot _y;
    private readonly Slot? _sums;
    private readonly Window _window, _expandWindow;
    private readonly WindowRows _rows;
    private readonly Layer _expand, _depthwise;
    private readonly AlignedBuffer<float> _expandBias, _expandSlopes, _depthwiseBias, _depthwiseSlopes;
    private readonly int _bands, _rowsAtOnce, _ringRows;

    /// <summary>Makes the step.</summary>
    /// <param name="name">The depthwise node's name.</param>
    /// <param name="expandWindow">The first convolution's geometry.</param>
    /// <param name="window">The depthwise convolution's geometry.</param>
    /// <param name="inputs">Input channels of the first.</param>
    /// <param name="x">The input map; <see langword="null"/> for the image itself, which lies in planes.</param>
    /// <param name="y">The output map.</param>
    /// <param name="sums">Where the channels' sums go; <see langword="null"/> for nowhere.</param>
    /// <param name="expand">The first convolution's weights, bias and function.</param>
    /// <param name="depthwise">The depthwise convolution's.</param>
    public ExpandDepthwiseStep(
        string name, Window expandWindow, Window window, int inputs, Slot? x, Slot y, Slot? sums, Layer expand, Layer depthwise)
        : base(
            name,
            PlanStepKind.ExpandDepthwise,
            ((long)window.Height * window.Width * y.Channels * inputs * expandWindow.Taps) + ((long)y.Positions * y.Channels * window.Taps),
            [.. new[] { x, expand.PerImageWeights, depthwise.PerImageWeights }.OfType<Slot>()],
            sums is null ? [y] : [y, sums])
    {
        (_y, _sums, _window, _expandWindow, _expand, _depthwise) = (y, sums, window, expandWindow, expand, depthwise);
        _rows = new WindowRows(expandWindow, inputs, x);
        _expandBias = WeightPacking.PackChannels(expand.Bias, y.Channels, TSimd.Lanes);
        _expandSlopes = WeightPacking.PackChannels(expand.Epilogue.Slopes, y.Channels, TSimd.Lanes);
        _depthwiseBias = WeightPacking.PackChannels(depthwise.Bias, y.Channels, TSimd.Lanes);
        _depthwiseSlopes = WeightPacking.PackChannels(depthwise.Epilogue.Slopes, y.Channels, TSimd.Lanes);
        _bands = Bands(window.OutputHeight);
        int rowsForTiles = IsContiguous ? (MinPixelsAtOnce + window.Width - 1) / window.Width : 1;
        int rowsInCache = (int)Math.Min(window.Height, RingBytes / sizeof(float) / RingStride) - window.KernelHeight + 1;
        _rowsAtOnce = Math.Min(window.Height, Math.Max(rowsForTiles, rowsInCache));
        _ringRows = window.KernelHeight + _rowsAtOnce - 1;
    }

    /// <inheritdoc />
    public override long ScratchBytes => sizeof(float) * (RingLength + _rows.LengthFor(_expandWindow.OutputHeight));

    // Rows of the first convolution's inputs follow each other as its outputs do.
    private bool IsContiguous => _expandWindow.IsPointwise && !_rows.IsCopied;

    // The ring, and a row of zeros.
    private long RingLength => (_ringRows + 1) * RingStride;

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
        float* ring = frame.Scratch<float>();
        NativeMemory.Clear(ring, (nuint)(sizeof(float) * RingLength));
        int firstRow = Math.Max(0, _window.RowsAt(FirstRow(firstBand)).Top), endRow = EndOfInputs(FirstRow(endBand) - 1);
        float* x = _rows.Prepare(frame, image, firstRow, endRow, ring + RingLength);
        int endPanel = Part(Panels, channelParts, channelPart + 1);
        for (int panel = Part(Panels, channelParts, channelPart); panel < endPanel; panel++)
        {
            var work = new PanelWork(this, frame, image, panel, x, firstRow);
            for (int band = firstBand; band < endBand; band++) work.RunBand(band);
        }
    }

    // The first row of a band of the output.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int FirstRow(int band) => Part(_window.OutputHeight, _bands, band);

    // The row after the last one of the expanded map that a row of the output sees.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int EndOfInputs(int row)
    {
        var (top, _, end) = _window.RowsAt(row);
        return top + end;
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
        private readonly float* _x, _ring, _zeros;
        private readonly int _firstVector, _endVector, _firstRow;

        // The row after those that have been expanded.
        private int _expanded;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public PanelWork(ExpandDepthwiseStep<TSimd, TVector> step, in Frame frame, int image, int panel, float* x, int firstRow)
        {
            _step = step;
            _x = x;
            _firstRow = _expanded = firstRow;
            var (window, y, lanes) = (step._window, step._y, TSimd.Lanes);
            (_firstVector, _endVector) = (2 * panel, Math.Min(step.Vectors, (2 * panel) + 2));
            int column = _firstVector * lanes;
            _ring = frame.Scratch<float>();
            _zeros = _ring + (step._ringRows * step.RingStride);
            _matrix = new MatrixOperands
            {
                Weights = step._expand.WeightsOf(frame, image),
                Bias = step._expandBias.Pointer,
                Slopes = step._expandSlopes.Pointer,

                // The ring holds the panel's channels alone.
                Y = _ring + (window.Pads.Left * 2 * lanes) - column,
                Stride = 2 * lanes,
                Activation = step._expand.Epilogue.Activation,
                Width = window.Width,
                Gap = ((nint)window.Pads.Left + window.Pads.Right) * 2 * lanes,
                PassRows = window.Height * window.Width,
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
            float** rows = stackalloc float*[MaxInputRows + window.KernelHeight];
            var operands = _filter;
            operands.InputRows = rows;
            if (_filter.Sums != null)
            {
                operands.Sums = _filter.Sums + ((nint)band * _filter.OutputStride);
                new Span<float>(operands.Sums, _filter.Channels).Clear();
            }

            int endRow = _step.FirstRow(band + 1), maxRows = Math.Max(1, MaxInputRows / window.Stride);
            for (int row = _step.FirstRow(band), end; row < endRow; row = end)
            {
                while (_expanded < _step.EndOfInputs(row)) _expanded = Expand(_expanded);

                // All rows that the ring holds the inputs of.
                end = row + 1;
                while (end < Math.Min(endRow, row + maxRows) && _step.EndOfInputs(end) <= _expanded) end++;
                int top = window.RowsAt(row).Top, inputs = ((end - row - 1) * window.Stride) + window.KernelHeight;
                for (int i = 0; i < inputs; i++) rows[i] = InputRow(top + i);
                operands.Y = _filter.Y + ((nint)row * _filter.OutputRowStride);
                DepthwiseTile<TSimd, TVector>.Run(operands, window.OutputWidth, end - row);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private float* InputRow(int row) =>
            (uint)row < (uint)_step._window.Height ? _ring + (row % _step._ringRows * _step.RingStride) : _zeros;

        // Some rows from the given one on, up to the ring's end; returns the row after them.
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private int Expand(int row)
        {
            int inRing = row % _step._ringRows, count = Math.Min(_step._rowsAtOnce, _step._ringRows - inRing);
            int end = Math.Min(row + count, _step._window.Height), width = _step._window.Width;
            int rowsOfCall = _step.IsContiguous ? end - row : 1;
            var operands = _matrix;
            operands.Y += inRing * (nint)_step.RingStride;
            for (; row < end; row += rowsOfCall)
            {
                operands.PassRow = row * width;
                _step._rows.Point(ref operands, _x, _firstRow, row);
                MatrixProduct<TSimd, TVector>.Run(operands, rowsOfCall * width, _firstVector, _endVector);
                operands.Y += (nint)_step.RingStride;
            }

            return end;
        }
    }
}
