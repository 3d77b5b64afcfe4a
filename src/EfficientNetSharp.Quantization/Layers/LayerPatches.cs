using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Quantization.Layers;

/// <summary>
/// What a layer multiplies its kernel with: the numbers under its window at each place of its output, in the order of the kernel's
/// [in/groups, row, column]. A linear layer is a window of one pixel.
/// </summary>
internal sealed class LayerPatches
{
    private readonly int _channels, _height, _width, _kernelHeight, _kernelWidth, _stride, _outHeight, _outWidth;
    private readonly Pads _pads;

    /// <summary>Takes the shape of a layer.</summary>
    /// <param name="node">A convolution or a linear layer.</param>
    /// <param name="input">Its input's shape.</param>
    public LayerPatches(Node node, TensorShape input)
    {
        if (node.Operator is Convolution op)
        {
            (_channels, _height, _width) = (input.Channels, input.Height, input.Width);
            (_kernelHeight, _kernelWidth, _stride, Groups, _pads) = (op.Kernel, op.KernelWidth, op.Stride, op.Groups, op.PadsFor(input));
            (_outHeight, _outWidth, Outputs) = (node.Shape.Height, node.Shape.Width, op.OutChannels);
        }
        else
        {
            var linear = (Linear)node.Operator;
            (_channels, _height, _width, _kernelHeight, _kernelWidth, _stride, Groups) = (linear.InFeatures, 1, 1, 1, 1, 1, 1);
            (_outHeight, _outWidth, Outputs) = (1, 1, linear.OutFeatures);
        }
    }

    /// <summary>Groups of channels.</summary>
    public int Groups { get; }

    /// <summary>Output channels.</summary>
    public int Outputs { get; }

    /// <summary>Numbers of a patch, which are weights of an output channel.</summary>
    public int Length => _channels / Groups * _kernelHeight * _kernelWidth;

    /// <summary>Places of the output.</summary>
    public int Positions => _outHeight * _outWidth;

    /// <summary>The patch of a group at a place.</summary>
    public void Copy(float[] values, int group, int position, Span<float> patch)
    {
        int perGroup = _channels / Groups;
        int top = (position / _outWidth * _stride) - _pads.Top, left = (position % _outWidth * _stride) - _pads.Left, at = 0;
        for (int channel = group * perGroup; channel < (group + 1) * perGroup; channel++)
        for (int y = top; y < top + _kernelHeight; y++)
        for (int x = left; x < left + _kernelWidth; x++)
        {
            patch[at++] = y >= 0 && y < _height && x >= 0 && x < _width ? values[(((channel * _height) + y) * _width) + x] : 0;
        }
    }
}
