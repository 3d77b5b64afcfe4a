using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.IntegerMath;
using EfficientNetSharp.Inference.Layout;
using EfficientNetSharp.Inference.Steps;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>Numbers rounded to the integers that stand for them, without the zero point.</summary>
internal sealed unsafe class QuantizeStep(string name, Slot x, Slot y, ValueQuantization quantization, IntegerArithmetic arithmetic)
    : PlanStep(name, PlanStepKind.Layout, 0, [x], [y])
{
    /// <inheritdoc />
    public override int WorkItems(int images, int threads) => images;

    /// <inheritdoc />
    public override void Run(in Frame frame, int item)
    {
        float* from = frame.At<float>(x, item);
        short* to = frame.At<short>(y, item);
        for (int pixel = 0; pixel < x.Positions; pixel++, from += x.Stride, to += y.Stride)
        {
            for (int c = 0; c < x.Channels; c++)
                to[c] = (short)(IntegerRounding.Quantize(from[c], quantization, arithmetic) - quantization.ZeroPoint);
            new Span<short>(to + x.Channels, y.PaddedChannels - x.Channels).Clear();
        }
    }
}

/// <summary>Integers as the numbers that they stand for.</summary>
internal sealed unsafe class DequantizeStep(string name, Slot x, Slot y, float scale) : PlanStep(name, PlanStepKind.Layout, 0, [x], [y])
{
    /// <inheritdoc />
    public override int WorkItems(int images, int threads) => images;

    /// <inheritdoc />
    public override void Run(in Frame frame, int item)
    {
        short* from = frame.At<short>(x, item);
        float* to = frame.At<float>(y, item);
        for (int pixel = 0; pixel < x.Positions; pixel++, from += x.Stride, to += y.Stride)
        {
            for (int c = 0; c < x.Channels; c++) to[c] = from[c] * scale;
            new Span<float>(to + x.Channels, y.PaddedChannels - x.Channels).Clear();
        }
    }
}
