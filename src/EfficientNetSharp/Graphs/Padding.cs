namespace EfficientNetSharp.Graphs;

/// <summary>How a network pads its convolutions: a property of the architecture, since weights fit only one of the two.</summary>
public enum PaddingStyle
{
    /// <summary>The same number of zeros on both sides, (k−1)/2 for stride 1 and 2: PyTorch-trained networks.</summary>
    Symmetric,

    /// <summary>
    /// TensorFlow's SAME: output ⌈n/s⌉, zeros depend on the input's size and an odd one goes to the right and bottom.
    /// </summary>
    Same,

    /// <summary>No zeros: a single layer's property, such as the global depthwise convolution's, not a network's.</summary>
    None,

    /// <summary>
    /// None before the map, and after it what the last window lacks, so that the number of windows is rounded up: <c>ceil_mode</c> of
    /// PyTorch and Caffe. A single layer's property, as <see cref="None"/> is.
    /// </summary>
    RoundedUp,
}

/// <summary>Zeros added on each side of a map.</summary>
/// <param name="Top">Rows above.</param>
/// <param name="Left">Columns before.</param>
/// <param name="Bottom">Rows below.</param>
/// <param name="Right">Columns after.</param>
public readonly record struct Pads(int Top, int Left, int Bottom, int Right)
{
    /// <summary>Whether top equals bottom and left equals right.</summary>
    public bool IsSymmetric => Top == Bottom && Left == Right;

    /// <summary>The zeros that a window needs on a map of the given size.</summary>
    /// <param name="style">The padding style.</param>
    /// <param name="kernel">Window size in pixels, the same in both directions.</param>
    /// <param name="stride">Window step in pixels.</param>
    /// <param name="height">Rows of the input map.</param>
    /// <param name="width">Columns of the input map.</param>
    public static Pads For(PaddingStyle style, int kernel, int stride, int height, int width)
    {
        if (style == PaddingStyle.None) return default;
        if (style == PaddingStyle.Symmetric)
        {
            int pad = (kernel - 1) / 2;
            return new Pads(pad, pad, pad, pad);
        }

        if (style == PaddingStyle.RoundedUp) return default(Pads).RoundedUp(kernel, stride, height, width);
        var (top, bottom) = SameSide(kernel, stride, height);
        var (left, right) = SameSide(kernel, stride, width);
        return new Pads(top, left, bottom, right);
    }

    /// <summary>These, and after the map what the last window lacks so that the number of windows is rounded up.</summary>
    /// <param name="kernel">Window size in pixels, the same in both directions.</param>
    /// <param name="stride">Window step in pixels.</param>
    /// <param name="height">Rows of the input map.</param>
    /// <param name="width">Columns of the input map.</param>
    public Pads RoundedUp(int kernel, int stride, int height, int width)
    {
        return this with { Bottom = End(height, Top, Bottom), Right = End(width, Left, Right) };

        // A window that would begin after the map is left out (PyTorch's pooling_output_shape).
        int End(int length, int before, int after)
        {
            long room = (long)length + before + after - kernel;
            if (room + stride - 1 < 0) return after;
            long windows = ((room + stride - 1) / stride) + 1;
            if ((windows - 1) * stride >= (long)length + before) windows--;
            return (int)Math.Max(after, ((windows - 1) * stride) + kernel - length - before);
        }
    }

    /// <summary>
    /// Output length of a window of <paramref name="kernel"/> stepping by <paramref name="stride"/>; 0 where the window is longer
    /// than the padded map.
    /// </summary>
    public static int OutputLength(int length, int kernel, int stride, int before, int after)
    {
        int room = length + before + after - kernel;
        return room < 0 ? 0 : (room / stride) + 1;
    }

    // TensorFlow's rule: total = max((⌈n/s⌉−1)·s + k − n, 0), the smaller half first.
    private static (int Before, int After) SameSide(int kernel, int stride, int length)
    {
        int outputs = (length + stride - 1) / stride;
        int total = Math.Max(((outputs - 1) * stride) + kernel - length, 0);
        return (total / 2, total - (total / 2));
    }
}
