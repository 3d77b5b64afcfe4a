using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference.Kernels;
using EfficientNetSharp.Inference.Planning;

namespace EfficientNetSharp.Inference.Steps;

/// <summary>
/// A dense convolution or linear layer as a matrix product: a row for each pixel, a column for each output channel. A 1×1
/// convolution takes its rows from the map as they lie there; others gather the pixels under the window first, some rows at a time.
/// </summary>
internal sealed unsafe class ConvolutionStep<TSimd, TVector> : Step
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    // Rows of inputs that are worked on with all the weights before the next: 256 KiB, so that they stay in a second-level cache of
    // 512 KiB and more beside a panel of weights.
    private const int BlockBytes = 256 * 1024;

    // Where the weights are so few that they need not be shared by many rows, gathered rows stay in the first level.
    private const int FewWeightBytes = 16 * 1024;

    private readonly Slot? _x;
    private readonly Slot _y;
    private readonly Window _window;
    private readonly int _inputs, _depth, _blockRows;
    private readonly bool _gathers;
    private readonly AlignedBuffer? _weights;
    private readonly Slot? _pictureWeights;
    private readonly AlignedBuffer _bias, _slopes;
    private readonly Ending _ending;

    /// <summary>Makes the step.</summary>
    /// <param name="name">The node's name.</param>
    /// <param name="window">Its geometry.</param>
    /// <param name="inputs">Input channels.</param>
    /// <param name="x">The input map; <see langword="null"/> for the picture itself, which is gathered from its planes.</param>
    /// <param name="y">The output map.</param>
    /// <param name="layer">Weights, bias, and what follows the sums.</param>
    public ConvolutionStep(string name, Window window, int inputs, Slot? x, Slot y, Layer layer)
        : base(
            name,
            KindOf(window),
            (long)y.Positions * y.Channels * inputs * window.Taps,
            [.. new[] { x, layer.PictureWeights, layer.Ending.Residual }.OfType<Slot>()],
            [y])
    {
        (_window, _inputs, _x, _y) = (window, inputs, x, y);
        (_weights, _pictureWeights, _ending) = (layer.Weights, layer.PictureWeights, layer.Ending);
        _bias = WeightPacking.PackChannels(layer.Bias, y.Channels, TSimd.Lanes);
        _slopes = WeightPacking.PackChannels(layer.Ending.Slopes, y.Channels, TSimd.Lanes);
        _depth = inputs * window.Taps;
        _gathers = x is null || !window.IsPointwise;
        int rowLength = _gathers ? _depth : x!.Stride;
        bool hasFewWeights = (long)_depth * y.Stride * sizeof(float) <= FewWeightBytes;
        int tiles = Math.Max(1, (_gathers && hasFewWeights ? FewWeightBytes : BlockBytes) / sizeof(float) / rowLength / TSimd.TileRows);
        _blockRows = tiles * TSimd.TileRows;
    }

    /// <inheritdoc />
    /// <remarks>Whole vectors are copied, so that the last may go beyond the end.</remarks>
    public override long ScratchLength => _gathers ? ((long)BlockRows * _depth) + Math.Max(TSimd.Lanes, 4) : 0;

    /// <inheritdoc />
    public override int Pieces(int pictures, int threads)
    {
        var (groups, rows) = Rows(pictures);
        var (rowParts, vectorParts) = Cut(rows, threads);
        return groups * rowParts * vectorParts;
    }

    /// <inheritdoc />
    public override void Run(in Frame frame, int piece)
    {
        var (_, rows) = Rows(frame.Pictures);
        var (rowParts, vectorParts) = Cut(rows, frame.Threads);
        int vectorPart = piece % vectorParts, rowPart = piece / vectorParts % rowParts, group = piece / vectorParts / rowParts;
        int pairs = (Vectors + 1) / 2, tiles = (rows + TSimd.TileRows - 1) / TSimd.TileRows;
        int firstVector = 2 * Part(pairs, vectorParts, vectorPart), endVector = Math.Min(Vectors, 2 * Part(pairs, vectorParts, vectorPart + 1));
        int firstRow = Part(tiles, rowParts, rowPart) * TSimd.TileRows, endRow = Math.Min(rows, Part(tiles, rowParts, rowPart + 1) * TSimd.TileRows);
        float* weights = _pictureWeights is null ? _weights!.Pointer : frame.At(_pictureWeights, group);
        int blockRows = BlockRows;
        for (int row = firstRow; row < endRow; row += blockRows)
            RunBlock(frame, weights, group, row, Math.Min(blockRows, endRow - row), firstVector, endVector);
    }

    private int BlockRows => _gathers ? Math.Min(_blockRows, Slot.RoundUp(_y.Positions, TSimd.TileRows)) : _blockRows;

    private int Vectors => _y.Stride / TSimd.Lanes;

    // One product over all pictures, or one for each where each has weights of its own or the maps have gaps between them.
    private (int Groups, int Rows) Rows(int pictures) =>
        _pictureWeights is null && _y.IsDense && (_gathers || _x!.IsDense) ? (1, pictures * _y.Positions) : (pictures, _y.Positions);

    // The larger operand is cut, so that no thread reads much of what the others read.
    private (int RowParts, int VectorParts) Cut(int rows, int threads)
    {
        long macs = (long)rows * _y.Stride * _depth;
        int pieces = threads == 1 ? 1 : (int)Math.Clamp(macs / LeastMacsPerPiece, 1, PiecesPerThread * threads);
        int pairs = (Vectors + 1) / 2, tiles = (rows + TSimd.TileRows - 1) / TSimd.TileRows;
        if (rows < _y.Channels)
        {
            int vectorParts = Math.Min(pieces, pairs);
            return (Math.Min(tiles, pieces / vectorParts), vectorParts);
        }

        int rowParts = Math.Min(pieces, tiles);
        return (rowParts, Math.Min(pairs, pieces / rowParts));
    }

    private static int Part(int count, int parts, int part) => (int)((long)count * part / parts);

    private void RunBlock(in Frame frame, float* weights, int group, int row, int rows, int firstVector, int endVector)
    {
        nint offset = (nint)row * _y.Stride;
        float* residual = _ending.Residual is null ? null : frame.At(_ending.Residual, group) + offset;
        float* x;
        if (_gathers)
        {
            x = frame.Scratch;
            Gather(frame, (group * _y.Positions) + row, rows, x);
        }
        else
        {
            x = frame.At(_x!, group) + ((nint)row * _x!.Stride);
        }

        var operands = new MatrixOperands
        {
            X = x,
            RowBytes = (nint)sizeof(float) * (_gathers ? _depth : _x!.Stride),
            Weights = weights,
            Depth = _depth,
            Bias = _bias.Pointer,
            Slopes = _slopes.Pointer,
            ResidualBefore = _ending.ResidualAfter ? null : residual,
            ResidualAfter = _ending.ResidualAfter ? residual : null,
            Y = frame.At(_y, group) + offset,
            Stride = _y.Stride,
            Activation = _ending.Activation,
        };
        MatrixProduct<TSimd, TVector>.Run(operands, rows, firstVector, endVector);
    }

    // The inputs under the windows of some output pixels, in the order of the packed weights; zeros where a window leaves the map.
    private void Gather(in Frame frame, int row, int rows, float* to)
    {
        while (rows > 0)
        {
            int picture = row / _y.Positions, pixel = row % _y.Positions, column = pixel % _y.Width, end = Math.Min(column + rows, _y.Width);
            var windowRows = _window.RowsAt(pixel / _y.Width);
            row += end - column;
            rows -= end - column;
            float* planes = frame.Input + ((nint)picture * _inputs * _window.Height * _window.Width);
            for (; column < end; column++, to += _depth)
            {
                if (_x is null) GatherPlanes(planes, windowRows, _window.ColumnsAt(column), to);
                else GatherPixels(frame.At(_x, picture), _x.Stride, windowRows, _window.ColumnsAt(column), to);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void GatherPixels(float* x, int stride, (int Top, int First, int End) rows, (int Left, int First, int End) columns, float* to)
    {
        int lanes = TSimd.Lanes, kernelRow = _window.KernelWidth * _inputs;
        for (int kh = 0; kh < _window.KernelHeight; kh++, to += kernelRow)
        {
            if (kh < rows.First || kh >= rows.End)
            {
                new Span<float>(to, kernelRow).Clear();
                continue;
            }

            if (columns.First > 0) new Span<float>(to, columns.First * _inputs).Clear();
            float* from = x + (((nint)(rows.Top + kh) * _window.Width) + columns.Left + columns.First) * stride;
            float* at = to + ((nint)columns.First * _inputs);
            if (stride == _inputs)
            {
                int length = (columns.End - columns.First) * _inputs;
                for (int c = 0; c < length; c += lanes) TSimd.Store(TSimd.Load(from + c), at + c);
            }
            else
            {
                // What a last vector has too much of is overwritten by what comes next.
                for (int kw = columns.First; kw < columns.End; kw++, from += stride, at += _inputs)
                {
                    for (int c = 0; c < _inputs; c += lanes) TSimd.Store(TSimd.Load(from + c), at + c);
                }
            }

            if (columns.End < _window.KernelWidth) new Span<float>(to + (columns.End * _inputs), kernelRow - (columns.End * _inputs)).Clear();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void GatherPlanes(float* picture, (int Top, int First, int End) rows, (int Left, int First, int End) columns, float* to)
    {
        nint plane = (nint)_window.Height * _window.Width;
        int width = _window.Width, kernelWidth = _window.KernelWidth, kernelHeight = _window.KernelHeight;
        bool isWhole = rows.First == 0 && rows.End == kernelHeight && columns.First == 0 && columns.End == kernelWidth;
        if (isWhole && kernelWidth <= 4 && columns.Left + 4 <= width)
        {
            // The common stem in the middle of the picture, four values at a time: those too many are overwritten by what comes next.
            picture += ((nint)rows.Top * width) + columns.Left;
            for (int c = 0; c < _inputs; c++, picture += plane)
            {
                float* from = picture;
                for (int kh = 0; kh < kernelHeight; kh++, to += kernelWidth, from += width) Vector128.Load(from).Store(to);
            }

            return;
        }

        for (int c = 0; c < _inputs; c++, picture += plane)
        {
            for (int kh = 0; kh < _window.KernelHeight; kh++, to += _window.KernelWidth)
            {
                bool inside = kh >= rows.First && kh < rows.End;
                float* from = picture + ((nint)(rows.Top + kh) * _window.Width) + columns.Left;
                for (int kw = 0; kw < _window.KernelWidth; kw++) to[kw] = inside && kw >= columns.First && kw < columns.End ? from[kw] : 0;
            }
        }
    }

    private static StepKind KindOf(Window window)
    {
        if (window.OutputHeight * window.OutputWidth == 1 && window.Height == window.KernelHeight && window.Width == window.KernelWidth) return StepKind.Linear;
        return window.Taps == 1 ? StepKind.Pointwise : StepKind.Convolution;
    }
}
