using System.Runtime.CompilerServices;
using EfficientNetSharp.Inference.Kernels;
using EfficientNetSharp.Inference.Layout;
using EfficientNetSharp.Vectors;

namespace EfficientNetSharp.Inference.Steps;

/// <summary>A convolution in groups: a dense one for each panel of outputs, over the channels that the panel's groups see.</summary>
internal sealed unsafe class GroupedStep<TSimd, TVector> : PlanStep
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    private readonly Window _window;
    private readonly Slot _y;
    private readonly MatrixLayer<TSimd, TVector> _layer;
    private readonly Panel[] _panels;
    private readonly int _blockRows;

    /// <summary>Makes the step.</summary>
    /// <param name="name">The node's name.</param>
    /// <param name="panels">Its shape.</param>
    /// <param name="x">The input map.</param>
    /// <param name="y">The output map.</param>
    /// <param name="layer">Weights as the panels pack them, bias, and what follows the sums.</param>
    public GroupedStep(string name, GroupedPanels panels, Slot x, Slot y, Layer layer)
        : base(
            name,
            PlanStepKind.Grouped,
            (long)y.Positions * y.Channels * (x.Channels / panels.Groups) * panels.Window.Taps,
            [x, .. layer.Reads],
            [y])
    {
        (_window, _y) = (panels.Window, y);
        _layer = new MatrixLayer<TSimd, TVector>(layer, y);
        _panels = new Panel[panels.Count];
        for (int i = 0; i < _panels.Length; i++)
        {
            var (first, count) = panels.InputsOf(i);

            // The product looks for a panel's weights behind those of the vectors before it, had they the same depth.
            long before = 2L * i * TSimd.Lanes * count * _window.Taps;
            _panels[i] = new Panel(new WindowRows(_window, count, x, first), (nint)(panels.StartOf(i) - before));
        }

        int widest = _panels.Max(panel => panel.Rows.RowLength), inputRows = BlockBytes / sizeof(float) / widest;
        _blockRows = Math.Clamp(((inputRows - _window.KernelHeight) / _window.Stride) + 1, 1, _window.OutputHeight);
    }

    private readonly record struct Panel(WindowRows Rows, nint Weights);

    /// <inheritdoc />
    public override long ScratchBytes => sizeof(float) * _panels.Max(panel => panel.Rows.LengthFor(_blockRows));

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int WorkItems(int images, int threads) => images * _panels.Length * RowParts(threads);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(in Frame frame, int item)
    {
        int rowParts = RowParts(frame.Threads), rowPart = item % rowParts;
        int index = item / rowParts % _panels.Length, image = item / rowParts / _panels.Length;
        int endRow = Part(_window.OutputHeight, rowParts, rowPart + 1);
        for (int row = Part(_window.OutputHeight, rowParts, rowPart); row < endRow; row += _blockRows)
            RunBlock(frame, image, index, row, Math.Min(row + _blockRows, endRow));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int RowParts(int threads) => Math.Min(_window.OutputHeight, ItemsFor(Macs / _panels.Length, threads));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunBlock(in Frame frame, int image, int index, int firstRow, int endRow)
    {
        var (rows, weights) = _panels[index];
        float* x = rows.Prepare(frame, image, firstRow, endRow, frame.Scratch<float>());
        for (int row = firstRow; row < endRow; row++)
        {
            var operands = _layer.Operands(frame, image, row * _window.OutputWidth);
            operands.Weights += weights;
            rows.Point(ref operands, x, firstRow, row);
            operands.PassRows = (endRow - firstRow) * _window.OutputWidth;
            operands.PassRow = (row - firstRow) * _window.OutputWidth;
            MatrixProduct<TSimd, TVector>.Run(operands, _window.OutputWidth, 2 * index, Math.Min(2 * (index + 1), _layer.Vectors));
        }
    }
}
