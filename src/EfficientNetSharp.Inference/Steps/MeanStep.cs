using System.Runtime.CompilerServices;
using EfficientNetSharp.Inference.Kernels;
using EfficientNetSharp.Inference.Layout;
using EfficientNetSharp.Vectors;

namespace EfficientNetSharp.Inference.Steps;

/// <summary>The mean of each channel over some rows: of a map's pixels, or of partial sums that a convolution left.</summary>
internal sealed unsafe class MeanStep<TSimd, TVector> : PlanStep
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    // Sums of so many values each are added up, so that rounding does not grow with the map.
    private const int RunLength = 64;

    private readonly Slot _x, _y;
    private readonly int _rows, _count;

    /// <summary>Makes the step.</summary>
    /// <param name="name">The node's name.</param>
    /// <param name="x">Rows of channels.</param>
    /// <param name="rows">Rows to add up.</param>
    /// <param name="count">What the sum is divided by.</param>
    /// <param name="y">The means.</param>
    public MeanStep(string name, Slot x, int rows, int count, Slot y)
        : base(name, PlanStepKind.Pooling, 0, [x], [y]) => (_x, _rows, _count, _y) = (x, rows, count, y);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int WorkItems(int images, int threads) => images;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(in Frame frame, int item) =>
        Run(frame.At<float>(_x, item), frame.At<float>(_y, item), _x.Stride, _y.PaddedChannels, _rows, 1f / _count);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run(float* x, float* y, int stride, int channels, int rows, float factor)
    {
        for (int c = 0; c < channels; c += TSimd.Lanes)
        {
            TVector total = default;
            for (int row = 0; row < rows; row += RunLength)
            {
                TVector a = default, b = default;
                int end = Math.Min(rows, row + RunLength), r = row;
                for (; r + 1 < end; r += 2)
                {
                    a = TSimd.Add(a, TSimd.Load(x + ((nint)r * stride) + c));
                    b = TSimd.Add(b, TSimd.Load(x + ((nint)(r + 1) * stride) + c));
                }

                if (r < end) a = TSimd.Add(a, TSimd.Load(x + ((nint)r * stride) + c));
                total = TSimd.Add(total, TSimd.Add(a, b));
            }

            TSimd.Store(TSimd.Multiply(total, TSimd.Broadcast(factor)), y + c);
        }
    }
}
