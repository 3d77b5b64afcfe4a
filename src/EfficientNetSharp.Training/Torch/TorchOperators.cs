using EfficientNetSharp.Graphs;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace EfficientNetSharp.Training.Torch;

/// <summary>Each operator as a libtorch call.</summary>
internal sealed class TorchOperators : IOperatorVisitor<TorchOperators.Call, Tensor>
{
    public static TorchOperators Instance { get; } = new();

    /// <summary>One call.</summary>
    /// <param name="Node">The node to compute.</param>
    /// <param name="Values">The values computed so far, by node.</param>
    /// <param name="Tensors">The parameters by name.</param>
    /// <param name="Noise">Random choices in training; <see langword="null"/> at inference.</param>
    /// <param name="Options">How to compute.</param>
    internal readonly record struct Call(
        Node Node, Tensor?[] Values, Dictionary<string, Tensor> Tensors, TrainingNoise? Noise, ModuleOptions Options)
    {
        public bool ChannelsLast => Options.ChannelsLast;

        public Tensor Input => Values[Node.Inputs[0]]!;

        public Tensor Second => Values[Node.Inputs[1]]!;

        public Tensor Parameter(string suffix) => Tensors[$"{Node.Name}.{suffix}"];

        /// <summary>A parameter in the maps' numbers; autograd brings its gradient back to 32 bits.</summary>
        public Tensor Cast(string suffix) => Options.Precision == Precision.Bf16 ? Parameter(suffix).to(ScalarType.BFloat16)
            : Parameter(suffix).alias();
    }

    public Tensor Visit(Input op, Call call) => throw new InvalidOperationException("The input is set by the caller.");

    public Tensor Visit(Convolution op, Call call)
    {
        var input = call.Input;
        if (call.ChannelsLast && op is { Kernel: 1, KernelWidth: 1, Groups: 1, ExplicitPads: null }) return PointwiseConvolution(op, input,
            call);
        var pads = PadsOf(op, input);
        using var kernel = call.Cast("weight");
        using var bias = op.HasBias ? call.Cast("bias") : null;
        long[] strides = [op.Stride, op.Stride];
        if (pads.IsSymmetric)
            return F.conv2d(input, kernel, bias, strides: strides, padding: [pads.Top, pads.Left], groups: op.Groups);
        using var padded = F.pad(input, [pads.Left, pads.Right, pads.Top, pads.Bottom]);
        return F.conv2d(padded, kernel, bias, strides: strides, groups: op.Groups);
    }

    // Each image has its own kernel, so the batch becomes the groups of one convolution over a single image of N·C channels.
    public Tensor Visit(ConditionalConvolution op, Call call)
    {
        var shape = op.Shape;
        long batch = call.Input.shape[0];
        var input = call.Input.contiguous();
        using var weight = call.Cast("weight");
        using var kernels = weight.view(op.Experts, -1);
        using var mixed = call.Second.matmul(kernels);
        using var kernel = mixed.reshape(batch * shape.OutChannels, shape.InChannels / shape.Groups, shape.Kernel, shape.KernelWidth);
        var pads = PadsOf(shape, input);
        using var padded = F.pad(input, [pads.Left, pads.Right, pads.Top, pads.Bottom]);
        using var joined = padded.reshape(1, batch * shape.InChannels, padded.shape[2], padded.shape[3]);
        using var product = F.conv2d(joined, kernel, strides: [shape.Stride, shape.Stride], groups: batch * shape.Groups);
        var result = product.reshape(batch, shape.OutChannels, product.shape[2], product.shape[3]);
        if (!shape.HasBias) return result;
        using var unbiased = result;
        using var bias = call.Cast("bias");
        using var row = bias.view(1, -1, 1, 1);
        return unbiased.Plus(row);
    }

    public Tensor Visit(BatchNormalization op, Call call) => F.batch_norm(
        call.Input, call.Parameter("running_mean"), call.Parameter("running_var"), call.Parameter("weight"), call.Parameter("bias"),
        training: call.Options.MeasureStatistics || (call.Noise is not null && !call.Options.FixedStatistics),
        momentum: call.Options.MeasureStatistics ? 1 : op.Momentum, eps: op.Epsilon);

    public Tensor Visit(Activation op, Call call) => op.Kind switch
    {
        ActivationKind.Identity => call.Input.alias(),
        ActivationKind.Relu => call.Input.relu(),
        ActivationKind.Relu6 => call.Input.relu6(),
        ActivationKind.Silu => call.Input.silu(),
        ActivationKind.Sigmoid => call.Input.sigmoid(),
        ActivationKind.HardSwish => call.Input.hardswish(),
        ActivationKind.HardSigmoid => call.Input.hardsigmoid(),
        _ => throw new NotSupportedException($"The torch backend has no activation {op.Kind}."),
    };

    public Tensor Visit(PRelu op, Call call)
    {
        using var slope = call.Cast("weight");
        return call.Input.prelu(slope);
    }

    // Padded with −∞, as libtorch's own padding takes equal sides only.
    public Tensor Visit(MaxPool op, Call call)
    {
        var pads = op.PadsFor(TensorShape.Map((int)call.Input.shape[1], (int)call.Input.shape[2], (int)call.Input.shape[3]));
        using var padded = F.pad(call.Input, [pads.Left, pads.Right, pads.Top, pads.Bottom], value: double.NegativeInfinity);
        return F.max_pool2d(padded, [op.Kernel, op.Kernel], [op.Stride, op.Stride]);
    }

    // The sums over padded maps, divided by what each window sees of the map.
    public Tensor Visit(AveragePool op, Call call)
    {
        var map = TensorShape.Map((int)call.Input.shape[1], (int)call.Input.shape[2], (int)call.Input.shape[3]);
        var pads = op.PadsFor(map);
        using var padded = F.pad(call.Input, [pads.Left, pads.Right, pads.Top, pads.Bottom]);
        var mean = F.avg_pool2d(padded, [op.Kernel, op.Kernel], [op.Stride, op.Stride]);
        if (op.CountsPadding || pads == default) return mean;
        using var counted = mean;
        using var factors = tensor(SharesSeen(op, map, pads), [1, 1, mean.shape[2], mean.shape[3]]);
        using var placed = factors.to(mean.dtype, mean.device);
        return counted.mul(placed);
    }

    public Tensor Visit(ZeroPad op, Call call)
    {
        var pads = op.PadsFor(TensorShape.Map((int)call.Input.shape[1], (int)call.Input.shape[2], (int)call.Input.shape[3]));
        return F.pad(call.Input, [pads.Left, pads.Right, pads.Top, pads.Bottom]);
    }

    public Tensor Visit(Concatenation op, Call call)
    {
        var values = call.Values;
        return cat([.. call.Node.Inputs.Select(input => values[input]!)], 1);
    }

    // A copy, as kernels want a map's channels one after another.
    public Tensor Visit(ChannelSlice op, Call call)
    {
        using var slice = call.Input.slice(1, op.First, (long)op.First + op.Count, 1);
        return Innermost(slice, call);
    }

    public Tensor Visit(ChannelShuffle op, Call call)
    {
        long[] shape = call.Input.shape;
        using var groups = call.Input.unflatten(1, op.Groups, shape[1] / op.Groups);
        using var turned = groups.transpose(1, 2);
        using var flat = turned.flatten(1, 2);
        return Innermost(flat, call);
    }

    public Tensor Visit(GlobalAveragePool op, Call call) => F.adaptive_avg_pool2d(call.Input, [1, 1]);

    public Tensor Visit(Flatten op, Call call) => call.Input.flatten(1);

    // A classifier is a small part of the work and the part whose rounding shows most, so it has 32 bits in any case.
    public Tensor Visit(Linear op, Call call)
    {
        using var input = call.Input.to(ScalarType.Float32);
        return F.linear(input, call.Parameter("weight"), op.HasBias ? call.Parameter("bias") : null);
    }

    public Tensor Visit(Add op, Call call) => call.Input.Plus(call.Second);

    public Tensor Visit(Gate op, Call call) => call.Input.mul(call.Second);

    public Tensor Visit(Dropout op, Call call)
    {
        if (call.Noise is null) return call.Input.alias();
        long[] shape = call.Input.shape;
        return Scale(call.Input, call.Noise.KeepFactors(call.Node.Index, shape[0], call.Input.numel() / shape[0], op.Rate), shape);
    }

    public Tensor Visit(StochasticDepth op, Call call)
    {
        if (call.Noise is null) return call.Input.alias();
        long[] perImage = [.. call.Input.shape.Select((length, dimension) => dimension == 0 ? length : 1)];
        return Scale(call.Input, call.Noise.KeepFactors(call.Node.Index, perImage[0], 1, op.Rate), perImage);
    }

    private static Tensor Scale(Tensor input, float[] factors, long[] shape)
    {
        using var host = tensor(factors, shape);
        using var placed = host.to(input.dtype, input.device);
        return input.mul(placed);
    }

    // Window over what of it lies on the map, for each place of the result.
    private static float[] SharesSeen(AveragePool op, TensorShape map, Pads pads)
    {
        int height = Pads.OutputLength(map.Height, op.Kernel, op.Stride, pads.Top, pads.Bottom);
        int width = Pads.OutputLength(map.Width, op.Kernel, op.Stride, pads.Left, pads.Right);
        var shares = new float[height * width];
        for (int i = 0; i < shares.Length; i++)
        {
            int seen = Seen(i / width, pads.Top, map.Height) * Seen(i % width, pads.Left, map.Width);
            shares[i] = (float)(op.Kernel * op.Kernel) / seen;
        }

        return shares;

        int Seen(int window, int before, int length)
        {
            int start = (window * op.Stride) - before;
            return Math.Min(start + op.Kernel, length) - Math.Max(start, 0);
        }
    }

    private static Tensor Innermost(Tensor value, Call call)
    {
        if (!call.ChannelsLast || value.dim() != 4) return value.contiguous();
        using var permuted = value.permute(0, 2, 3, 1);
        using var rows = permuted.contiguous();
        return rows.permute(0, 3, 1, 2);
    }

    // The zeros follow from the actual map, so a network runs at any size.
    private static Pads PadsOf(Convolution op, Tensor input) =>
        op.PadsFor(TensorShape.Map(op.InChannels, (int)input.shape[2], (int)input.shape[3]));

    // With channels innermost a 1×1 convolution is a matrix product over the pixels. Said so, it goes to the matrix library;
    // as a convolution it would go to oneDNN, whose kernel for this layout gave wrong values (30 % off) on processors whose cache
    // sizes a virtual machine hides.
    private static Tensor PointwiseConvolution(Convolution op, Tensor input, Call call)
    {
        // No zeros are ever added here, so a step takes every so many rows and columns from the first.
        using var stepped = op.Stride == 1 ? input.alias() : input.slice(2, 0, input.shape[2], op.Stride)
            .slice(3, 0, input.shape[3], op.Stride);
        using var pixels = stepped.permute(0, 2, 3, 1);
        using var weight = call.Cast("weight");
        using var kernel = weight.view(op.OutChannels, op.InChannels);
        using var bias = op.HasBias ? call.Cast("bias") : null;
        using var product = F.linear(pixels, kernel, bias);
        return product.permute(0, 3, 1, 2);
    }
}
