using System.Runtime.CompilerServices;
using EfficientNetSharp.Inference.Kernels;
using EfficientNetSharp.Inference.Memory;
using EfficientNetSharp.Inference.Layout;
using EfficientNetSharp.Vectors;

namespace EfficientNetSharp.Inference.Steps;

/// <summary>
/// A depthwise convolution with its function. Where squeeze-excite or a head wants the channels' means, their sums are taken on the
/// way; <see cref="MeanStep{TSimd,TVector}"/> adds up what the items found.
/// </summary>
internal sealed unsafe class DepthwiseStep<TSimd, TVector> : PlanStep
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    // Maps of at least this many rows are cut into bands, smaller ones into groups of channels, eight at most: enough for the threads of
    // a usual machine. The number must not depend on the threads, or the sums' rounding would.
    private const int MinRowsToCut = 28, MaxParts = 8;

    private readonly Slot _x, _y;
    private readonly Slot? _sums;
    private readonly Window _window;
    private readonly Layer _layer;
    private readonly AlignedBuffer<float> _bias, _slopes;
    private readonly int _bands, _channelParts;

    public DepthwiseStep(string name, Window window, Slot x, Slot y, Slot? sums, Layer layer)
        : base(
            name,
            PlanStepKind.Depthwise,
            (long)y.Positions * y.Channels * window.Taps,
            layer.PerImageWeights is null ? [x] : [x, layer.PerImageWeights],
            sums is null ? [y] : [y, sums])
    {
        (_x, _y, _sums, _window, _layer) = (x, y, sums, window, layer);
        _bias = WeightPacking.PackChannels(layer.Bias, y.Channels, TSimd.Lanes);
        _slopes = WeightPacking.PackChannels(layer.Epilogue.Slopes, y.Channels, TSimd.Lanes);
        _bands = Bands(window.OutputHeight);
        _channelParts = _bands > 1 ? 1 : Math.Min(MaxParts, y.PaddedChannels / TSimd.Lanes);
    }

    /// <summary>How many partial sums of each channel there are for an output of so many rows.</summary>
    public static int Bands(int outputHeight) => outputHeight >= MinRowsToCut ? MaxParts : 1;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int WorkItems(int images, int threads) => images * _bands * _channelParts;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(in Frame frame, int item) => new Band(this, frame, item).Run();

    // One work item: a band of rows or a group of channels of one image.
    private readonly ref struct Band
    {
        private readonly DepthwiseStep<TSimd, TVector> _step;
        private readonly DepthwiseOperands _all;
        private readonly float* _x;
        private readonly int _firstRow, _endRow;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public Band(DepthwiseStep<TSimd, TVector> step, in Frame frame, int item)
        {
            _step = step;
            var (window, y) = (step._window, step._y);
            int channelPart = item % step._channelParts, rest = item / step._channelParts;
            int band = rest % step._bands, image = rest / step._bands;
            _firstRow = window.OutputHeight * band / step._bands;
            _endRow = window.OutputHeight * (band + 1) / step._bands;
            int lanes = TSimd.Lanes, vectors = y.PaddedChannels / lanes;
            int first = vectors * channelPart / step._channelParts, end = vectors * (channelPart + 1) / step._channelParts;
            _x = frame.At<float>(step._x, image) + (first * lanes);
            _all = new DepthwiseOperands
            {
                PixelStride = y.Stride,
                OutputStride = y.Stride,
                WindowStride = (nint)window.Stride * y.Stride,
                Weights = step._layer.WeightsOf(frame, image) + ((nint)first * window.Taps * lanes),
                KernelWidth = window.KernelWidth,
                Taps = window.Taps,
                Bias = step._bias.Pointer + (first * lanes),
                Slopes = step._slopes.Pointer + (first * lanes),
                Y = frame.At<float>(y, image) + (first * lanes),
                Sums = step._sums is null ? null : frame.At<float>(step._sums, image) + ((nint)band * y.Stride) + (first * lanes),
                Channels = (end - first) * lanes,
                Activation = step._layer.Epilogue.Activation,
            };
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run()
        {
            if (_all.Sums != null) new Span<float>(_all.Sums, _all.Channels).Clear();
            var window = _step._window;
            var (firstWhole, endWhole) = window.WholeColumns();
            float** rows = stackalloc float*[window.KernelHeight];
            for (int row = _firstRow; row < _endRow; row++)
            {
                var operands = AtRow(row, rows);
                for (int column = 0; column < firstWhole; column++) DepthwiseTile<TSimd, TVector>.RunOne(AtColumn(operands, column));
                DepthwiseTile<TSimd, TVector>.RunSums(AtColumn(operands, firstWhole), endWhole - firstWhole, 1);
                for (int column = endWhole; column < window.OutputWidth; column++)
                    DepthwiseTile<TSimd, TVector>.RunOne(AtColumn(operands, column));
                DepthwiseTile<TSimd, TVector>.Finish(operands, operands.Activation, window.OutputWidth, 1);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private DepthwiseOperands AtRow(int row, float** rows)
        {
            var window = _step._window;
            var (top, first, end) = window.RowsAt(row);
            for (int kh = first; kh < end; kh++) rows[kh - first] = _x + ((nint)(top + kh) * window.Width * _all.PixelStride);
            var operands = _all;
            operands.InputRows = rows;
            operands.Weights += (nint)first * window.KernelWidth * TSimd.Lanes;
            operands.Rows = end - first;
            operands.Y += (nint)row * window.OutputWidth * _all.OutputStride;
            return operands;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private DepthwiseOperands AtColumn(in DepthwiseOperands row, int column)
        {
            var (left, first, end) = _step._window.ColumnsAt(column);
            var operands = row;
            operands.Offset = (left + first) * _all.PixelStride;
            operands.Weights += (nint)first * TSimd.Lanes;
            operands.Columns = end - first;
            operands.Y += (nint)column * _all.OutputStride;
            return operands;
        }
    }
}
