using System.Runtime.CompilerServices;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Inference.Layout;

/// <summary>A window that slides over a map: the geometry of convolutions and poolings.</summary>
/// <param name="Height">Rows of the input.</param>
/// <param name="Width">Columns of the input.</param>
/// <param name="KernelHeight">Rows of the window.</param>
/// <param name="KernelWidth">Columns of the window.</param>
/// <param name="Stride">Pixels from one window to the next.</param>
/// <param name="Pads">What is added around the input.</param>
internal sealed record Window(int Height, int Width, int KernelHeight, int KernelWidth, int Stride, Pads Pads)
{
    /// <summary>The window of a convolution over a map.</summary>
    public static Window Of(Convolution op, TensorShape map) =>
        new(map.Height, map.Width, op.Kernel, op.KernelWidth, op.Stride, op.PadsFor(map));

    /// <summary>Rows of the output.</summary>
    public int OutputHeight { get; } = Pads.OutputLength(Height, KernelHeight, Stride, Pads.Top, Pads.Bottom);

    /// <summary>Columns of the output.</summary>
    public int OutputWidth { get; } = Pads.OutputLength(Width, KernelWidth, Stride, Pads.Left, Pads.Right);

    /// <summary>Pixels of the window.</summary>
    public int Taps => KernelHeight * KernelWidth;

    /// <summary>Whether each output sees just the one input at its place.</summary>
    public bool IsPointwise => Taps == 1 && Stride == 1 && Pads == default;

    /// <summary>Whether there is one output, which sees each input once.</summary>
    public bool SeesWholeMap => KernelHeight == Height && KernelWidth == Width && Pads == default;

    /// <summary>
    /// Whether each window touches the map. Where a side's padding is as large as the window, some lie in the padding alone.
    /// </summary>
    public bool AlwaysTouchesMap =>
        Pads.Top < KernelHeight && Pads.Bottom < KernelHeight && Pads.Left < KernelWidth && Pads.Right < KernelWidth;

    /// <summary>
    /// The part of a window's rows that lies on the map, for a row of the output: input row of the window's first, first and end, which
    /// are the same where the window lies above or below the map.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public (int Top, int First, int End) RowsAt(int row) => Clip((row * Stride) - Pads.Top, KernelHeight, Height);

    /// <summary>The part of a window's columns that lies on the map, for a column of the output.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public (int Left, int First, int End) ColumnsAt(int column) => Clip((column * Stride) - Pads.Left, KernelWidth, Width);

    /// <summary>The columns of the output whose windows lie on the map in whole.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public (int First, int End) WholeColumns()
    {
        int first = Math.Min((Pads.Left + Stride - 1) / Stride, OutputWidth), room = Width + Pads.Left - KernelWidth;
        int end = room < 0 ? 0 : Math.Min((room / Stride) + 1, OutputWidth);
        return (first, Math.Max(first, end));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (int Start, int First, int End) Clip(int start, int kernel, int length)
    {
        int first = Math.Clamp(-start, 0, kernel);
        return (start, first, Math.Max(first, Math.Min(kernel, length - start)));
    }
}
