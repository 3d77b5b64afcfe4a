namespace EfficientNetSharp.Graphs;

/// <summary>What an operator's own numbers may be, whoever made it: a table, a file or a program.</summary>
internal static class OperatorChecks
{
    // Far above any network's, and low enough that sums and products of two of them are within 64 bits.
    private const int MaxChannels = 100_000_000, MaxWindow = TensorShape.MaxSide;

    /// <exception cref="ArgumentException">A number is out of range.</exception>
    public static void Check(Operator op)
    {
        switch (op)
        {
            case Convolution convolution:
                CheckConvolution(convolution);
                break;
            case ConditionalConvolution conditional:
                CheckConvolution(conditional.Shape);
                Require(conditional.Experts is >= 1 and <= MaxWindow, "experts", conditional.Experts, $"1 to {MaxWindow}");
                break;
            case MaxPool pool:
                CheckWindow(pool.Kernel, pool.Kernel, pool.Stride, pool.ExplicitPads);
                RequirePadding(pool.Padding);
                break;
            case AveragePool pool:
                CheckWindow(pool.Kernel, pool.Kernel, pool.Stride, pool.ExplicitPads);
                RequirePadding(pool.Padding);
                break;
            case ZeroPad { Window: { } window }:
                CheckWindow(window.Kernel, window.Kernel, window.Stride, null);
                break;
            case ZeroPad { Pads: var pads }:
                Require(
                    new[] { pads.Top, pads.Left, pads.Bottom, pads.Right }.All(pad => pad is >= -MaxWindow and <= MaxWindow), "pads", pads,
                    $"{-MaxWindow} to {MaxWindow}");
                break;
            case Concatenation concatenation:
                Require(concatenation.Inputs is >= 2 and <= MaxWindow, "inputs", concatenation.Inputs, $"2 to {MaxWindow}");
                break;
            case ChannelSlice slice:
                CheckChannels(slice.Count);
                Require(slice.First is >= 0 and < MaxChannels, "a first channel", slice.First, $"0 up to {MaxChannels}");
                break;
            case ChannelShuffle shuffle:
                Require(shuffle.Groups is >= 1 and <= MaxChannels, "groups", shuffle.Groups, $"1 to {MaxChannels}");
                break;
            case BatchNormalization norm:
                CheckChannels(norm.Channels);
                Require(norm.Epsilon is >= 0 and < double.PositiveInfinity, "an epsilon", norm.Epsilon, "a number from 0");
                Require(norm.Momentum is >= 0 and <= 1, "a momentum", norm.Momentum, "0 to 1");
                break;
            case Linear linear:
                CheckChannels(linear.InFeatures);
                CheckChannels(linear.OutFeatures);
                break;
            case Activation activation:
                Require(Enum.IsDefined(activation.Kind), "a function", activation.Kind, "a known one");
                break;
            case Dropout dropout:
                Require(dropout.Rate is >= 0 and < 1, "a rate", dropout.Rate, "0 up to 1");
                break;
            case StochasticDepth depth:
                Require(depth.Rate is >= 0 and < 1, "a rate", depth.Rate, "0 up to 1");
                break;
        }
    }

    private static void CheckConvolution(Convolution op)
    {
        CheckChannels(op.InChannels);
        CheckChannels(op.OutChannels);
        CheckWindow(op.Kernel, op.KernelWidth, op.Stride, op.ExplicitPads);
        RequirePadding(op.Padding);
        Require(
            op.Groups >= 1 && op.InChannels % op.Groups == 0 && op.OutChannels % op.Groups == 0, "groups", op.Groups,
            $"a divisor of {op.InChannels} and {op.OutChannels} channels");
    }

    private static void CheckWindow(int height, int width, int stride, Pads? pads)
    {
        Require(height is >= 1 and <= MaxWindow && width is >= 1 and <= MaxWindow, "a window", $"{height}×{width}",
            $"1 to {MaxWindow} pixels");
        Require(stride is >= 1 and <= MaxWindow, "a stride", stride, $"1 to {MaxWindow}");
        if (pads is not { } p) return;
        bool holds = p is { Top: >= 0 and <= 2 * MaxWindow, Left: >= 0 and <= 2 * MaxWindow, Bottom: >= 0 and <= 2 * MaxWindow,
            Right: >= 0 and <= 2 * MaxWindow };
        Require(holds, "pads", p, $"0 to {2 * MaxWindow}");
    }

    private static void RequirePadding(PaddingStyle style) => Require(Enum.IsDefined(style), "a padding", style, "a known one");

    private static void CheckChannels(int channels) =>
        Require(channels is >= 1 and <= MaxChannels, "channels", channels, $"1 to {MaxChannels}");

    private static void Require(bool holds, string what, object found, string expected)
    {
        if (!holds) throw new ArgumentException(FormattableString.Invariant($"It has {what} of {found}, expected {expected}."));
    }
}
