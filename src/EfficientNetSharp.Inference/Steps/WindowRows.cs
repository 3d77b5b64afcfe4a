using System.Runtime.CompilerServices;
using EfficientNetSharp.Inference.Kernels;
using EfficientNetSharp.Inference.Layout;
using EfficientNetSharp.Vectors;

namespace EfficientNetSharp.Inference.Steps;

/// <summary>The rows of a map as a convolution's window passes over them: where they lie, or copied between zeros.</summary>
internal sealed unsafe class WindowRows
{
    private readonly Window _window;
    private readonly int _inputs, _firstInput, _width;
    private readonly Slot? _x;

    /// <summary>Looks at a map.</summary>
    /// <param name="window">The window.</param>
    /// <param name="inputs">Channels.</param>
    /// <param name="x">The map; <see langword="null"/> for the image itself, which lies in planes.</param>
    /// <param name="firstInput">The first of the map's channels that is taken.</param>
    public WindowRows(Window window, int inputs, Slot? x, int firstInput = 0)
    {
        (_window, _inputs, _x, _firstInput) = (window, inputs, x, firstInput);
        int covered = CoveredColumns(window);
        bool leavesMap = window.Pads.Left > 0 || covered > window.Width;

        // Channels that are not taken, or padded to whole vectors, part the pixels of a window's row.
        IsCopied = x is null || leavesMap || (window.KernelWidth > 1 && x.Stride != inputs);
        _width = IsCopied ? covered : window.Width;
    }

    /// <summary>Columns from the first window's first to the last one's last, padding included.</summary>
    public static int CoveredColumns(Window window) => ((window.OutputWidth - 1) * window.Stride) + window.KernelWidth;

    /// <summary>Whether rows are copied before they are used.</summary>
    public bool IsCopied { get; }

    /// <summary>Values of a row.</summary>
    public int RowLength => _width * (IsCopied ? _inputs : _x!.Stride);

    /// <summary>Working memory for so many rows of the output at once, in values.</summary>
    public long LengthFor(int outputRows)
    {
        if (!IsCopied) return 0;
        int rows = Math.Min(((outputRows - 1) * _window.Stride) + _window.KernelHeight, _window.Height);
        return (long)rows * RowLength;
    }

    /// <summary>Makes the rows ready that some rows of the output need; returns the first of them that is on the map.</summary>
    /// <param name="frame">Where the memory is.</param>
    /// <param name="image">The image.</param>
    /// <param name="firstOutputRow">The first row of the output.</param>
    /// <param name="endOutputRow">The row after the last.</param>
    /// <param name="to">Where rows that must be copied go: as much memory as <see cref="LengthFor"/> says.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public float* Prepare(in Frame frame, int image, int firstOutputRow, int endOutputRow, float* to)
    {
        int first = FirstRow(firstOutputRow);
        int end = Math.Clamp(_window.RowsAt(endOutputRow - 1).Top + _window.KernelHeight, first, _window.Height);
        if (!IsCopied) return frame.At<float>(_x!, image) + ((nint)first * RowLength) + _firstInput;
        float* copied = to;
        for (int row = first; row < end; row++)
        {
            to = _x is null
                ? CopyPlanes(frame.Input + ((((nint)image * _inputs * _window.Height) + row) * _window.Width), to)
                : CopyPixels(frame.At<float>(_x, image) + ((nint)row * _window.Width * _x.Stride) + _firstInput, to);
        }

        return copied;
    }

    /// <summary>Sets the inputs of a row of the output.</summary>
    /// <param name="operands">Receives them.</param>
    /// <param name="rows">What <see cref="Prepare"/> returned.</param>
    /// <param name="firstOutputRow">The first row of the output that it was for.</param>
    /// <param name="outputRow">The row of the output.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Point(ref MatrixOperands operands, float* rows, int firstOutputRow, int outputRow)
    {
        var (top, first, end) = _window.RowsAt(outputRow);
        bool isPlanar = _x is null;
        int pixel = isPlanar ? 1 : IsCopied ? _inputs : _x!.Stride, planes = isPlanar ? _inputs : 1;
        operands.X = rows + ((nint)(top + first - FirstRow(firstOutputRow)) * RowLength);
        operands.RowBytes = (nint)_window.Stride * pixel * sizeof(float);
        operands.Depth = _window.KernelWidth * (isPlanar ? 1 : _inputs);
        operands.Stretches = (end - first) * planes;
        operands.StretchBytes = (nint)RowLength / planes * sizeof(float);
        operands.WeightDepth = _window.Taps * _inputs;
        operands.SkippedDepth = first * _window.KernelWidth * _inputs;
    }

    private int FirstRow(int outputRow) => Math.Clamp(_window.RowsAt(outputRow).Top, 0, _window.Height);

    // Columns of zeros before the map's; all of them where no window reaches the map.
    private int LeftZeros => Math.Min(_window.Pads.Left, _width);

    // Columns of the map that are covered.
    private int Columns => Math.Min(_window.Width, _width - LeftZeros);

    // One row of the map, its pixels without gaps.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private float* CopyPixels(float* from, float* to)
    {
        int left = LeftZeros * _inputs, columns = Columns;
        new Span<float>(to, left).Clear();
        float* at = to + left;
        if (_x!.Stride == _inputs)
        {
            new ReadOnlySpan<float>(from, columns * _inputs).CopyTo(new Span<float>(at, columns * _inputs));
            at += (nint)columns * _inputs;
        }
        else
        {
            for (int column = 0; column < columns; column++, from += _x.Stride, at += _inputs)
                new ReadOnlySpan<float>(from, _inputs).CopyTo(new Span<float>(at, _inputs));
        }

        float* end = to + RowLength;
        new Span<float>(at, (int)(end - at)).Clear();
        return end;
    }

    // The processor follows long rows by itself, not short ones that alternate.
    private const int RowsAhead = 4;

    // One row of each plane of the image, one behind the other.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private float* CopyPlanes(float* from, float* to)
    {
        int left = LeftZeros, columns = Columns;
        nint plane = (nint)_window.Height * _window.Width;
        for (int c = 0; c < _inputs; c++, from += plane, to += _width)
        {
            for (int ahead = 0; ahead < columns; ahead += Cache.LineBytes / sizeof(float))
                Cache.Prefetch(from + ((nint)RowsAhead * _window.Width) + ahead);
            new Span<float>(to, left).Clear();
            new ReadOnlySpan<float>(from, columns).CopyTo(new Span<float>(to + left, columns));
            new Span<float>(to + left + columns, _width - left - columns).Clear();
        }

        return to;
    }
}
