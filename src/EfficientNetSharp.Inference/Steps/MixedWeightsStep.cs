using System.Runtime.CompilerServices;
using EfficientNetSharp.Inference.Kernels;
using EfficientNetSharp.Inference.Memory;
using EfficientNetSharp.Inference.Layout;
using EfficientNetSharp.Vectors;

namespace EfficientNetSharp.Inference.Steps;

/// <summary>The kernel of a conditional convolution, mixed for each image from the experts' packed ones.</summary>
internal sealed unsafe class MixedWeightsStep<TSimd, TVector>(string name, AlignedBuffer<float>[] experts, Slot mixture, Slot result)
    : PlanStep(name, PlanStepKind.Weights, experts.Length * experts[0].Length, [mixture], [result])
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    // Enough values that an item takes a few microseconds.
    private const long MinValuesPerItem = 32 * 1024;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int WorkItems(int images, int threads) => images * ItemsPerImage(threads);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(in Frame frame, int item)
    {
        int parts = ItemsPerImage(frame.Threads), image = item / parts, part = item % parts, lanes = TSimd.Lanes;
        long vectors = experts[0].Length / lanes, first = vectors * part / parts * lanes, end = vectors * (part + 1) / parts * lanes;
        float* shares = frame.At<float>(mixture, image), to = frame.At<float>(result, image);
        for (long i = first; i < end; i += lanes)
        {
            var sum = TSimd.Multiply(TSimd.Load(experts[0].Pointer + i), TSimd.Broadcast(shares[0]));
            for (int e = 1; e < experts.Length; e++)
                sum = TSimd.MultiplyAdd(TSimd.Load(experts[e].Pointer + i), TSimd.Broadcast(shares[e]), sum);
            TSimd.Store(sum, to + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int ItemsPerImage(int threads) =>
        threads == 1 ? 1 : (int)Math.Clamp(experts[0].Length / MinValuesPerItem, 1, ItemsPerThread * threads);
}
