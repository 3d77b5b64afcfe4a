using System.Runtime.CompilerServices;
using EfficientNetSharp.Inference.Kernels;
using EfficientNetSharp.Inference.Memory;
using EfficientNetSharp.Inference.Layout;
using EfficientNetSharp.Vectors;

namespace EfficientNetSharp.Inference.Steps;

/// <summary>A layer that is computed as a matrix product: what its operands have in common wherever its rows come from.</summary>
internal sealed unsafe class MatrixLayer<TSimd, TVector>
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    private readonly Layer _layer;
    private readonly Slot _y;
    private readonly AlignedBuffer<float> _bias, _slopes;

    /// <summary>Takes a layer.</summary>
    /// <param name="layer">Weights, bias, and what follows the sums.</param>
    /// <param name="y">The output map.</param>
    public MatrixLayer(Layer layer, Slot y)
    {
        (_layer, _y) = (layer, y);
        _bias = WeightPacking.PackChannels(layer.Bias, y.Channels, TSimd.Lanes);
        _slopes = WeightPacking.PackChannels(layer.Epilogue.Slopes, y.Channels, TSimd.Lanes);
    }

    /// <summary>Whether each image has weights of its own.</summary>
    public bool HasPerImageWeights => _layer.PerImageWeights is not null || IsGated;

    /// <summary>Whether each image's weights are the layer's, scaled.</summary>
    public bool IsGated => _layer.Gate is not null;

    /// <summary>Vectors of outputs.</summary>
    public int Vectors
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _y.PaddedChannels / TSimd.Lanes;
    }

    /// <summary>Panels of two vectors, of which the last may have one.</summary>
    public int Pairs => (Vectors + 1) / 2;

    /// <summary>The vectors of one of some parts of about the same size.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public (int First, int End) VectorsOf(int part, int parts) =>
        (2 * PlanStep.Part(Pairs, parts, part), Math.Min(Vectors, 2 * PlanStep.Part(Pairs, parts, part + 1)));

    /// <summary>The operands but for the inputs.</summary>
    /// <param name="frame">Where the memory is.</param>
    /// <param name="image">The image.</param>
    /// <param name="pixel">The first pixel that is computed.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public MatrixOperands Operands(in Frame frame, int image, int pixel)
    {
        nint offset = (nint)pixel * _y.Stride;
        float* residual = _layer.Epilogue.Residual is null ? null : frame.At<float>(_layer.Epilogue.Residual, image) + offset;
        return new MatrixOperands
        {
            Weights = _layer.WeightsOf(frame, image),
            Bias = _bias.Pointer,
            Slopes = _slopes.Pointer,
            ResidualBefore = _layer.Epilogue.ResidualAfter ? null : residual,
            ResidualAfter = _layer.Epilogue.ResidualAfter ? residual : null,
            Y = frame.At<float>(_y, image) + offset,
            Stride = _y.Stride,
            Activation = _layer.Epilogue.Activation,
        };
    }

    /// <summary>
    /// Scales a panel's weights by the image's gate and has the operands use them. Each thread does so for itself: cheaper than
    /// scaling the map, and than handing scaled weights from one core to the others.
    /// </summary>
    /// <param name="operands">The operands.</param>
    /// <param name="frame">Where the memory is; the scaled weights go into the thread's own.</param>
    /// <param name="image">The image.</param>
    /// <param name="vector">The panel's first vector.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void UseGatedPanel(ref MatrixOperands operands, in Frame frame, int image, int vector)
    {
        nint first = (nint)vector * TSimd.Lanes * operands.WeightDepth;
        float* scaled = frame.Scratch<float>(), weights = _layer.Weights!.Pointer;
        operands.Next = weights + ((nint)Math.Min(vector + 2, Vectors) * TSimd.Lanes * operands.WeightDepth);
        Scale(weights + first, frame.At<float>(_layer.Gate!, image), scaled, operands.WeightDepth, Vectors - vector > 1);
        operands.Weights = scaled - first;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Scale(float* weights, float* gate, float* to, int depth, bool pair)
    {
        int lanes = TSimd.Lanes;
        for (int k = 0; k < depth; k++)
        {
            var factor = TSimd.Broadcast(gate[k]);
            TSimd.Store(TSimd.Multiply(TSimd.Load(weights), factor), to);
            weights += lanes;
            to += lanes;
            if (!pair) continue;
            TSimd.Store(TSimd.Multiply(TSimd.Load(weights), factor), to);
            weights += lanes;
            to += lanes;
        }
    }
}
