using System.Runtime.CompilerServices;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference.Kernels;
using EfficientNetSharp.Inference.Memory;
using EfficientNetSharp.Inference.Layout;
using EfficientNetSharp.Vectors;

namespace EfficientNetSharp.Inference.Steps;

/// <summary>
/// A dense 3×3 convolution of stride 1 by minimal filtering (<see cref="Winograd"/>): the inputs of some tiles are transformed, sixteen
/// matrix products follow, and the sums are transformed back panel by panel while they are in the second-level cache.
/// </summary>
internal sealed unsafe class WinogradStep<TSimd, TVector> : PlanStep
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    // Each block of tiles reads all the weights anew, so that larger ones than elsewhere pay.
    private const int TransformBytes = 5 * BlockBytes / 2;

    private readonly Window _window;
    private readonly Slot _x, _y;
    private readonly MatrixLayer<TSimd, TVector> _matrix;
    private readonly AlignedBuffer<float> _zeros;
    private readonly int _depth, _tileColumns, _tiles, _blockTiles;

    /// <summary>Values from the transformed inputs of one tile to those of the next.</summary>
    private readonly int _stride;

    /// <summary>Makes the step.</summary>
    /// <param name="name">The node's name.</param>
    /// <param name="window">Its geometry: 3×3, stride 1.</param>
    /// <param name="x">The input map.</param>
    /// <param name="y">The output map.</param>
    /// <param name="layer">Weights as <see cref="WeightPacking.PackWinograd"/> has them, bias, and what follows the sums.</param>
    public WinogradStep(string name, Window window, Slot x, Slot y, Layer layer)
        : base(name, PlanStepKind.Convolution, (long)y.Positions * y.Channels * x.Channels * window.Taps, [x, .. layer.Reads], [y])
    {
        (_window, _x, _y, _depth) = (window, x, y, x.Channels);
        _matrix = new MatrixLayer<TSimd, TVector>(layer, y);
        _stride = Slot.StrideOf(x.Channels, TSimd.Lanes, sizeof(float));

        // In place of an input beyond the map, and of the bias in all places but one.
        _zeros = new AlignedBuffer<float>(Math.Max(_stride, y.PaddedChannels));
        _tileColumns = Tiles(window.OutputWidth);
        _tiles = _tileColumns * Tiles(window.OutputHeight);
        int tileBytes = Winograd.Places * sizeof(float) * (_stride + (2 * TSimd.Lanes));
        int blocks = (_tiles - 1) / Math.Max(TSimd.TileRows, TransformBytes / tileBytes) + 1;
        _blockTiles = (_tiles + blocks - 1) / blocks;
    }

    /// <summary>Whether a convolution can be computed so, and is faster so.</summary>
    /// <param name="window">Its geometry.</param>
    /// <param name="inputs">Input channels.</param>
    /// <param name="outputs">Output channels.</param>
    public static bool Pays(Window window, int inputs, int outputs)
    {
        if (window is not { KernelHeight: 3, KernelWidth: 3, Stride: 1 }) return false;
        if ((long)Winograd.Places * inputs * Slot.RoundUp(outputs, TSimd.Lanes) > int.MaxValue) return false;

        // In multiply-adds of a vector: those of the products, or the time in which the weights come from memory where that is longer (about
        // three for two lanes: 20 GB/s at two a cycle and 4 GHz), and those of the transforms.
        long tiles = (long)Tiles(window.OutputWidth) * Tiles(window.OutputHeight);
        long positions = (long)window.OutputWidth * window.OutputHeight, fetch = 3 * TSimd.Lanes / 2;
        double vectors = Slot.RoundUp(outputs, TSimd.Lanes) / TSimd.Lanes, inputVectors = Slot.RoundUp(inputs, TSimd.Lanes) / TSimd.Lanes;
        double direct = window.Taps * Math.Max(positions, fetch) * inputs * vectors;
        double products = Winograd.Places * Math.Max(tiles, fetch) * inputs * vectors;
        double transforms = tiles * ((InputTransform * inputVectors) + (OutputTransform * vectors));
        return products + transforms < direct;
    }

    private const int InputTransform = 48, OutputTransform = 80;

    /// <inheritdoc />
    public override long ScratchBytes => (long)sizeof(float) * Winograd.Places * _blockTiles * (_stride + (2 * TSimd.Lanes));

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int WorkItems(int images, int threads)
    {
        var (tileParts, vectorParts) = Cut(threads);
        return images * tileParts * vectorParts;
    }

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(in Frame frame, int item)
    {
        var (tileParts, vectorParts) = Cut(frame.Threads);
        int vectorPart = item % vectorParts, tilePart = item / vectorParts % tileParts, image = item / vectorParts / tileParts;
        var (firstVector, endVector) = _matrix.VectorsOf(vectorPart, vectorParts);
        int end = Part(_tiles, tileParts, tilePart + 1);
        for (int tile = Part(_tiles, tileParts, tilePart); tile < end; tile += _blockTiles)
            RunBlock(frame, image, tile, Math.Min(_blockTiles, end - tile), firstVector, endVector);
    }

    // The larger operand is cut, so that no thread reads much of what the others read.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private (int TileParts, int VectorParts) Cut(int threads)
    {
        int items = ItemsFor((long)_tiles * Winograd.Places * _y.Stride * _depth, threads);
        if (_tiles * Winograd.Side < _y.Channels)
        {
            int vectorParts = Math.Min(items, _matrix.Pairs);
            return (Math.Min(Math.Max(1, _tiles / TSimd.TileRows), items / vectorParts), vectorParts);
        }

        int tileParts = Math.Min(items, _tiles);
        return (tileParts, Math.Min(_matrix.Pairs, items / tileParts));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunBlock(in Frame frame, int image, int firstTile, int tiles, int firstVector, int endVector)
    {
        float* v = frame.Scratch<float>(), m = v + ((nint)Winograd.Places * tiles * _stride);
        TransformInputs(frame.At<float>(_x, image), firstTile, tiles, v);
        var operands = _matrix.Operands(frame, image, 0);
        var product = new MatrixOperands
        {
            RowBytes = (nint)_stride * sizeof(float),
            Depth = _depth,
            WeightDepth = _depth,
            Stretches = 1,
        };
        for (int vector = firstVector; vector < endVector; vector += 2)
        {
            nint column = (nint)vector * TSimd.Lanes;
            int columns = (endVector - vector > 1 ? 2 : 1) * TSimd.Lanes;
            nint plane = (nint)tiles * columns, panel = (nint)columns * _depth;
            product.Stride = columns;
            for (int place = 0; place < Winograd.Places; place++)
            {
                product.X = v + ((nint)place * tiles * _stride);
                product.Weights = operands.Weights + ((Winograd.Places - 1) * column * _depth) + (place * panel);
                product.Bias = place == Winograd.CommonPlace ? operands.Bias : _zeros.Pointer;
                product.Y = m + (place * plane) - column;
                MatrixProduct<TSimd, TVector>.Run(product, tiles, vector, Math.Min(vector + 2, endVector));
            }

            TransformOutputs(operands, m, plane, columns, column, firstTile, tiles);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TransformInputs(float* x, int firstTile, int tiles, float* v)
    {
        float** pixels = stackalloc float*[Winograd.Places];
        int channels = _x.PaddedChannels;
        nint plane = (nint)tiles * _stride;
        for (int tile = firstTile; tile < firstTile + tiles; tile++, v += _stride)
        {
            int top = (tile / _tileColumns * Winograd.Side) - _window.Pads.Top;
            int left = (tile % _tileColumns * Winograd.Side) - _window.Pads.Left;
            for (int place = 0; place < Winograd.Places; place++)
            {
                int row = top + (place / Winograd.InputSide), column = left + (place % Winograd.InputSide);
                bool isOnMap = (uint)row < (uint)_window.Height && (uint)column < (uint)_window.Width;
                pixels[place] = isOnMap ? x + ((((nint)row * _window.Width) + column) * _x.Stride) : _zeros.Pointer;
            }

            Winograd<TSimd, TVector>.TransformInputs(pixels, channels, v, plane);
        }
    }

    // The tiles of a block lie in rows of the map, of which the first and last may be parts.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void TransformOutputs(in MatrixOperands operands, float* m, nint plane, int columns, nint column, int firstTile, int tiles)
    {
        for (int tile = firstTile, end = firstTile + tiles; tile < end;)
        {
            int row = tile / _tileColumns * Winograd.Side, left = tile % _tileColumns * Winograd.Side;
            int count = Math.Min(end - tile, _tileColumns - (tile % _tileColumns));
            int width = Math.Min(count * Winograd.Side, _window.OutputWidth - left);
            int height = Math.Min(Winograd.Side, _window.OutputHeight - row);
            nint offset = ((((nint)row * _window.OutputWidth) + left) * _y.Stride) + column, below = (nint)_window.OutputWidth * _y.Stride;
            float* y = operands.Y + offset, before = operands.ResidualBefore, after = operands.ResidualAfter;
            Winograd<TSimd, TVector>.TransformOutputs(
                m, plane, columns, width, height > 1 ? below : 0, _y.Stride, before == null ? null : before + offset, y);
            if (operands.Activation != ActivationKind.Identity || after != null)
            {
                for (int r = 0; r < height; r++, y += below, offset += below)
                {
                    float* addend = after == null ? null : after + offset;
                    EpilogueKernel<TSimd, TVector>.Apply(
                        operands.Activation, y, _y.Stride, y, _y.Stride, width, columns, operands.Slopes + column, addend);
                }
            }

            m += (nint)count * columns;
            tile += count;
        }
    }

    private static int Tiles(int length) => (length + Winograd.Side - 1) / Winograd.Side;
}
