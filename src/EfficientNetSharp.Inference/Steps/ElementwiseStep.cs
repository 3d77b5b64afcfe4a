using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference.Kernels;
using EfficientNetSharp.Inference.Memory;
using EfficientNetSharp.Inference.Layout;
using EfficientNetSharp.Vectors;

namespace EfficientNetSharp.Inference.Steps;

/// <summary>
/// What an <see cref="ElementwiseStep{TSimd,TVector}"/> computes: f(x · scale + shift + addend), or f(x · gate + addend).
/// </summary>
/// <param name="Scale">A factor for each channel; <see langword="null"/> for 1.</param>
/// <param name="Shift">A term for each channel, together with <paramref name="Scale"/>.</param>
/// <param name="Addend">Another value of the same shape; <see langword="null"/> for 0.</param>
/// <param name="Gate">A factor for each channel of each image; <see langword="null"/> for 1.</param>
internal sealed record Elementwise(float[]? Scale = null, float[]? Shift = null, Slot? Addend = null, Slot? Gate = null);

/// <summary>Work on single values that no convolution could take along. The output may be the input's place.</summary>
internal sealed unsafe class ElementwiseStep<TSimd, TVector> : PlanStep
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    // Enough values that an item takes a few microseconds.
    private const long MinValuesPerItem = 32 * 1024;

    private readonly Slot _x, _y;
    private readonly Slot? _addend, _gate;
    private readonly AlignedBuffer<float>? _scale;
    private readonly AlignedBuffer<float> _shift, _slopes;
    private readonly ActivationKind _activation;

    public ElementwiseStep(string name, Slot x, Slot y, Elementwise work, ActivationKind activation, float[]? slopes)
        : base(name, PlanStepKind.Elementwise, 0, [.. new[] { x, work.Addend, work.Gate }.OfType<Slot>()], [y])
    {
        (_x, _y, _addend, _gate, _activation) = (x, y, work.Addend, work.Gate, activation);
        _scale = work.Scale is null ? null : WeightPacking.PackChannels(work.Scale, x.Channels, TSimd.Lanes);
        _shift = WeightPacking.PackChannels(work.Shift, x.Channels, TSimd.Lanes);
        _slopes = WeightPacking.PackChannels(slopes, x.Channels, TSimd.Lanes);
    }

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int WorkItems(int images, int threads) => images * ItemsPerImage(threads);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(in Frame frame, int item)
    {
        int parts = ItemsPerImage(frame.Threads), image = item / parts, part = item % parts;
        int first = (int)((long)_x.Positions * part / parts), end = (int)((long)_x.Positions * (part + 1) / parts);
        nint offset = (nint)first * _x.Stride;
        var pass = new Pass
        {
            X = frame.At<float>(_x, image) + offset,
            Y = frame.At<float>(_y, image) + offset,
            Addend = _addend is null ? null : frame.At<float>(_addend, image) + offset,
            Factor = _gate is not null ? frame.At<float>(_gate, image) : _scale is null ? null : _scale.Pointer,
            Shift = _shift.Pointer,
            Slopes = _slopes.Pointer,
            Pixels = end - first,
            Stride = _x.Stride,
            Channels = _x.PaddedChannels,
        };
        Activations.Choose<TSimd, TVector, Pass>(_activation, ref pass);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int ItemsPerImage(int threads) =>
        threads == 1 ? 1 : (int)Math.Clamp(_x.Length / MinValuesPerItem, 1, Math.Min(ItemsPerThread * threads, _x.Positions));

    private ref struct Pass : IActivationUser<TSimd, TVector>
    {
        public float* X, Y, Addend, Factor, Shift, Slopes;
        public int Pixels, Stride, Channels;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public readonly void Use<TActivation>()
            where TActivation : struct, IActivation<TSimd, TVector> => Run<TActivation>(this);

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Run<TActivation>(in Pass pass)
            where TActivation : struct, IActivation<TSimd, TVector>
        {
            float* x = pass.X, y = pass.Y, addend = pass.Addend, factor = pass.Factor, shift = pass.Shift, slopes = pass.Slopes;
            int stride = pass.Stride, channels = pass.Channels;
            for (int pixel = pass.Pixels; pixel > 0; pixel--)
            {
                for (int c = 0; c < channels; c += TSimd.Lanes)
                {
                    var value = TSimd.Load(x + c);
                    if (factor != null) value = TSimd.MultiplyAdd(value, TSimd.Load(factor + c), TSimd.Load(shift + c));
                    if (addend != null) value = TSimd.Add(value, TSimd.Load(addend + c));
                    TSimd.Store(TActivation.Apply(value, slopes + c), y + c);
                }

                x += stride;
                y += stride;
                if (addend != null) addend += stride;
            }
        }
    }
}
