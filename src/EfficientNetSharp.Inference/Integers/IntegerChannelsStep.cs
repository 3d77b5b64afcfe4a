using System.Runtime.CompilerServices;
using EfficientNetSharp.Inference.Layout;
using EfficientNetSharp.Inference.Steps;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>Channels of a value that follow each other there and where they come.</summary>
/// <param name="X">The value.</param>
/// <param name="Table">What its integers become, from <paramref name="Lowest"/> on; <see langword="null"/> where they stay as they are.</param>
/// <param name="Lowest">The lowest integer.</param>
/// <param name="Runs">Where channels lie, where they come, and how many follow each other.</param>
internal sealed record IntegerChannels(Slot X, short[]? Table, int Lowest, (int From, int To, int Count)[] Runs);

/// <summary>
/// Copies channels of some values to places in another one, between whose scales integers are converted: concatenations, slices and
/// shuffles.
/// </summary>
/// <param name="name">The node's name.</param>
/// <param name="sources">The values, without zero points.</param>
/// <param name="y">Where they come, without its zero point.</param>
internal sealed unsafe class IntegerChannelsStep(string name, IntegerChannels[] sources, Slot y)
    : PlanStep(name, PlanStepKind.Layout, 0, [.. sources.Select(source => source.X).Distinct()], [y])
{
    // Enough integers that an item takes a few microseconds.
    private const long MinIntegersPerItem = 16 * 1024;

    // Fewer are copied faster one by one than by a call.
    private const int MinRun = 16;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int WorkItems(int images, int threads) => images * Parts(threads);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(in Frame frame, int item)
    {
        int parts = Parts(frame.Threads), image = item / parts, part = item % parts;
        int first = Part(y.Positions, parts, part), end = Part(y.Positions, parts, part + 1);
        short* to = frame.At<short>(y, image);
        foreach (var source in sources)
        {
            short* from = frame.At<short>(source.X, image);
            for (int pixel = first; pixel < end; pixel++) Copy(source, from + ((nint)pixel * source.X.Stride), to + ((nint)pixel * y.Stride));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Copy(IntegerChannels source, short* x, short* y)
    {
        foreach (var (from, to, count) in source.Runs)
        {
            if (source.Table is { } table)
            {
                for (int i = 0; i < count; i++) y[to + i] = table[x[from + i] - source.Lowest];
            }
            else if (count < MinRun)
            {
                for (int i = 0; i < count; i++) y[to + i] = x[from + i];
            }
            else
            {
                new ReadOnlySpan<short>(x + from, count).CopyTo(new Span<short>(y + to, count));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Parts(int threads) => threads == 1 ? 1
        : (int)Math.Clamp((long)y.Positions * y.Channels / MinIntegersPerItem, 1, Math.Min(ItemsPerThread * threads, y.Positions));
}
