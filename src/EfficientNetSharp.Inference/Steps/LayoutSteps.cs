using System.Runtime.CompilerServices;
using EfficientNetSharp.Inference.Layout;

namespace EfficientNetSharp.Inference.Steps;

/// <summary>The image's planes [C,H,W] as pixels, for the first operators that are not convolutions.</summary>
internal sealed unsafe class InputStep(string name, Slot y) : PlanStep(name, PlanStepKind.Layout, 0, [], [y])
{
    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int WorkItems(int images, int threads) => images;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(in Frame frame, int item)
    {
        float* from = frame.Input + ((nint)item * y.Channels * y.Positions), to = frame.At<float>(y, item);
        new Span<float>(to, y.Positions * y.Stride).Clear();
        for (int c = 0; c < y.Channels; c++)
        {
            for (int pixel = 0; pixel < y.Positions; pixel++) to[((nint)pixel * y.Stride) + c] = *from++;
        }
    }
}

/// <summary>A map's pixels as planes [C,H,W], or a vector, where the caller wants a result or a flattening's user takes it.</summary>
internal sealed unsafe class PlanesStep : PlanStep
{
    private readonly Slot _x;
    private readonly Slot? _y;
    private readonly int _output;

    private PlanesStep(string name, Slot x, Slot? y, int output)
        : base(name, PlanStepKind.Layout, 0, [x], y is null ? [] : [y]) => (_x, _y, _output) = (x, y, output);

    /// <summary>Delivers a result of the network.</summary>
    public static PlanesStep ToOutput(string name, Slot x, int output) => new(name, x, null, output);

    /// <summary>Flattens a map into a vector.</summary>
    public static PlanesStep ToVector(string name, Slot x, Slot y) => new(name, x, y, 0);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int WorkItems(int images, int threads) => images;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(in Frame frame, int item)
    {
        int pixels = _x.Positions;
        float* from = frame.At<float>(_x, item);
        float* to = _y is null ? frame.Outputs[_output] + ((nint)item * _x.Channels * pixels) : frame.At<float>(_y, item);
        if (pixels == 1)
        {
            new Span<float>(from, _x.Channels).CopyTo(new Span<float>(to, _x.Channels));
            return;
        }

        for (int c = 0; c < _x.Channels; c++)
        {
            for (int pixel = 0; pixel < pixels; pixel++) *to++ = from[((nint)pixel * _x.Stride) + c];
        }
    }
}
