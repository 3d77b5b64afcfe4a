using System.Runtime.CompilerServices;
using EfficientNetSharp.Inference.Layout;
using EfficientNetSharp.Vectors;

namespace EfficientNetSharp.Inference.Steps;

/// <summary>The mean under a window, over what lies on the map or with the padding as zeros.</summary>
internal sealed unsafe class AveragePoolStep<TSimd, TVector>(string name, Window window, bool countsPadding, Slot x, Slot y)
    : PlanStep(name, PlanStepKind.Pooling, 0, [x], [y])
    where TSimd : struct, ISimd<TVector>
    where TVector : struct
{
    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int WorkItems(int images, int threads) => images * window.OutputHeight;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(in Frame frame, int item)
    {
        int image = item / window.OutputHeight, row = item % window.OutputHeight;
        float* to = frame.At<float>(y, image) + ((nint)row * window.OutputWidth * y.Stride);
        var rows = window.RowsAt(row);
        for (int column = 0; column < window.OutputWidth; column++, to += y.Stride)
        {
            var columns = window.ColumnsAt(column);
            int count = countsPadding ? window.Taps : (rows.End - rows.First) * (columns.End - columns.First);
            var factor = TSimd.Broadcast(1f / count);
            float* from = frame.At<float>(x, image) + ((((nint)rows.Top * window.Width) + columns.Left) * x.Stride);
            for (int c = 0; c < x.PaddedChannels; c += TSimd.Lanes)
            {
                TVector sum = default;
                for (int kh = rows.First; kh < rows.End; kh++)
                {
                    for (int kw = columns.First; kw < columns.End; kw++)
                        sum = TSimd.Add(sum, TSimd.Load(from + ((((nint)kh * window.Width) + kw) * x.Stride) + c));
                }

                TSimd.Store(TSimd.Multiply(sum, factor), to + c);
            }
        }
    }
}
