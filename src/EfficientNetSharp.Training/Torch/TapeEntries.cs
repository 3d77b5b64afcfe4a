using EfficientNetSharp.Training.Torch.Functions;
using TorchSharp;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Torch;

/// <summary>An operator as libtorch computes and differentiates it, on its own.</summary>
/// <param name="node">The node.</param>
/// <param name="value">Its value, with libtorch's way back to <paramref name="leaves"/> and to the parameters.</param>
/// <param name="leaves">Inputs whose gradients are wanted, by node.</param>
internal sealed class LibtorchEntry(int node, Tensor value, IReadOnlyList<(int Node, Tensor Leaf)> leaves) : TapeEntry(node, node)
{
    public override void Backward(Tensor gradient, bool isOwn, GradientTable table)
    {
        using var given = gradient;
        if (!value.requires_grad) return;
        value.backward([gradient]);
        foreach (var (input, leaf) in leaves)
        {
            // Libtorch may hand the incoming gradient on as that of an input.
            if (leaf.grad is { } found) table.Add(input, found.DetachFromDisposeScope(), isOwn: false);
        }
    }

    public override void Dispose()
    {
        value.Dispose();
        foreach (var (_, leaf) in leaves) leaf.Dispose();
    }
}

/// <summary>Batch normalisation with the function after it.</summary>
internal sealed class BatchNormEntry(int node, int output, int? input, BatchNormFunction function, Tensor? gammaGradient,
    Tensor? betaGradient)
    : TapeEntry(node, output)
{
    public override void Backward(Tensor gradient, bool isOwn, GradientTable table)
    {
        bool isRows = gradient.dim() == 2;
        using var given = gradient;
        using var own = Maps.Writable(Maps.Of(given), isOwn);
        function.Backward(own, gammaGradient, betaGradient);
        if (input is { } to) table.Add(to, (isRows ? Maps.ToRows(own) : own.alias()).DetachFromDisposeScope());
    }

    public override void Dispose() => function.Dispose();
}

/// <summary>A depthwise convolution.</summary>
internal sealed class DepthwiseEntry(int node, int? input, DepthwiseFunction function, Tensor? weightGradient, Tensor? biasGradient)
    : TapeEntry(node, node)
{
    public override void Backward(Tensor gradient, bool isOwn, GradientTable table)
    {
        using var given = gradient;
        using var dy = Maps.Innermost(gradient);
        if (weightGradient is not null) function.AddWeightGradient(dy, weightGradient);
        if (biasGradient is not null)
        {
            using var sums = dy.sum([0L, 2L, 3L]);
            biasGradient.add_(sums, Scalars.One);
        }

        if (input is { } to) table.Add(to, function.InputGradient(dy).DetachFromDisposeScope());
    }

    public override void Dispose() => function.Dispose();
}

/// <summary>
/// A 1×1 convolution of stride 1: with channels innermost a matrix product over the pixels, y = x·Wᵀ + b, so dx = dy·W, dW = dyᵀ·x and
/// db = Σ dy.
/// </summary>
/// <param name="node">The node.</param>
/// <param name="input">The input's node; <see langword="null"/> where its gradient is not wanted.</param>
/// <param name="isOwn">Whether <see cref="PointwiseFunction"/> takes the sizes.</param>
/// <param name="pixels">The input as rows [N·H·W, C].</param>
/// <param name="weight">[C',C].</param>
/// <param name="weightGradient">[C',C], added to.</param>
/// <param name="biasGradient">[C'], added to.</param>
internal sealed class PointwiseEntry(
    int node, int? input, bool isOwn, Tensor pixels, Tensor weight, Tensor? weightGradient, Tensor? biasGradient)
    : TapeEntry(node, node)
{
    public override void Backward(Tensor gradient, bool isOwnGradient, GradientTable table)
    {
        using var given = gradient;
        using var map = Maps.Innermost(gradient);
        using var rows = map.permute(0, 2, 3, 1);
        using var dy = rows.view(-1, weight.shape[0]);
        if (weightGradient is not null && isOwn)
        {
            PointwiseFunction.AddWeightGradient(pixels, dy, weightGradient);
        }
        else if (weightGradient is not null)
        {
            using var turned = dy.t();
            weightGradient.addmm_(turned, pixels);
        }

        if (biasGradient is not null)
        {
            using var sums = dy.sum([0L]);
            biasGradient.add_(sums, Scalars.One);
        }

        if (input is not { } to) return;
        using var dx = isOwn ? PointwiseFunction.InputGradient(dy, weight) : dy.mm(weight);
        using var dxRows = dx.view(rows.shape[0], rows.shape[1], rows.shape[2], weight.shape[1]);
        table.Add(to, dxRows.permute(0, 3, 1, 2).DetachFromDisposeScope());
    }

    public override void Dispose()
    {
        pixels.Dispose();
        weight.Dispose();
        weightGradient?.Dispose();
    }
}

/// <summary>The channels' means; their gradient is the same for all pixels.</summary>
internal sealed class MeanEntry(int node, int input, long[] shape) : TapeEntry(node, node)
{
    public override void Backward(Tensor gradient, bool isOwn, GradientTable table)
    {
        using var given = gradient;
        using var share = gradient.Over(shape[2] * shape[3]);
        table.Add(input, share.expand(shape).DetachFromDisposeScope(), isOwn: false);
    }

    public override void Dispose()
    {
    }
}

/// <summary>y = x · gate, a gate per channel.</summary>
internal sealed class GateEntry(int node, int? input, int? gateInput, Tensor x, Tensor gate) : TapeEntry(node, node)
{
    public override void Backward(Tensor gradient, bool isOwn, GradientTable table)
    {
        var dy = Maps.Writable(gradient, isOwn).DetachFromDisposeScope();
        if (gateInput is { } toGate) table.Add(toGate, ChannelFunctions.GateGradient(x, dy).DetachFromDisposeScope());
        if (input is { } to)
        {
            ChannelFunctions.Multiply(dy, gate, null, dy);
            table.Add(to, dy);
        }
        else
        {
            dy.Dispose();
        }
    }

    public override void Dispose()
    {
        x.Dispose();
        gate.Dispose();
    }
}

/// <summary>A sum of two.</summary>
internal sealed class AddEntry(int node, int? first, int? second) : TapeEntry(node, node)
{
    public override void Backward(Tensor gradient, bool isOwn, GradientTable table)
    {
        using var given = gradient;
        foreach (int? input in (int?[])[first, second])
        {
            if (input is { } to) table.Add(to, gradient.alias().DetachFromDisposeScope(), isOwn: false);
        }
    }

    public override void Dispose()
    {
    }
}

/// <summary>y = x · factor, a factor per image.</summary>
internal sealed class ScaleEntry(int node, int input, Tensor factors) : TapeEntry(node, node)
{
    public override void Backward(Tensor gradient, bool isOwn, GradientTable table)
    {
        using var given = gradient;
        table.Add(input, gradient.mul(factors).DetachFromDisposeScope());
    }

    public override void Dispose() => factors.Dispose();
}
