using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference.Memory;
using EfficientNetSharp.Inference.Planning;

namespace EfficientNetSharp.Inference.Steps;

/// <summary>
/// A convolution in groups, value by value: no registered network has one that is not depthwise, so it need only be right. What
/// follows it are steps of their own.
/// </summary>
internal sealed unsafe class GroupedStep : Step
{
    private readonly Slot _x, _y;
    private readonly Slot? _pictureKernel;
    private readonly Window _window;
    private readonly AlignedBuffer? _kernel;
    private readonly AlignedBuffer _bias;
    private readonly int _groups;

    /// <summary>Makes the step; the kernel is [out, in / groups, kh, kw] as it comes.</summary>
    public GroupedStep(string name, Window window, int groups, Slot x, Slot y, AlignedBuffer? kernel, Slot? pictureKernel, float[]? bias)
        : base(
            name,
            StepKind.Grouped,
            (long)y.Positions * y.Channels * (x.Channels / groups) * window.Taps,
            pictureKernel is null ? [x] : [x, pictureKernel],
            [y])
    {
        (_window, _groups, _x, _y, _kernel, _pictureKernel) = (window, groups, x, y, kernel, pictureKernel);
        _bias = WeightPacking.PackChannels(bias, y.Channels, 1);
    }

    /// <inheritdoc />
    public override int Pieces(int pictures, int threads) => pictures * _window.OutputHeight;

    /// <inheritdoc />
    public override void Run(in Frame frame, int piece)
    {
        int picture = piece / _window.OutputHeight, row = piece % _window.OutputHeight;
        float* kernel = _pictureKernel is null ? _kernel!.Pointer : frame.At(_pictureKernel, picture);
        float* y = frame.At(_y, picture) + ((nint)row * _window.OutputWidth * _y.Stride);
        for (int column = 0; column < _window.OutputWidth; column++, y += _y.Stride)
        {
            new Span<float>(y, _y.Stride).Clear();
            for (int o = 0; o < _y.Channels; o++) y[o] = Sum(frame.At(_x, picture), kernel, row, column, o);
        }
    }

    private float Sum(float* x, float* kernel, int row, int column, int o)
    {
        var rows = _window.RowsAt(row);
        var columns = _window.ColumnsAt(column);
        int inputs = _x.Channels / _groups, firstInput = o / (_y.Channels / _groups) * inputs;
        kernel += (nint)o * inputs * _window.Taps;
        float sum = _bias.Pointer[o];
        for (int kh = rows.First; kh < rows.End; kh++)
        {
            for (int kw = columns.First; kw < columns.End; kw++)
            {
                float* pixel = x + (((nint)(rows.Top + kh) * _window.Width) + columns.Left + kw) * _x.Stride + firstInput;
                for (int i = 0; i < inputs; i++) sum += pixel[i] * kernel[(i * _window.Taps) + (kh * _window.KernelWidth) + kw];
            }
        }

        return sum;
    }
}
