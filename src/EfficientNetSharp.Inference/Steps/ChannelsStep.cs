using System.Runtime.CompilerServices;
using EfficientNetSharp.Inference.Layout;

namespace EfficientNetSharp.Inference.Steps;

/// <summary>
/// Copies channels of some values to places in another one: concatenations, slices and shuffles. Channels that follow each other in both
/// are copied together, others one by one.
/// </summary>
internal sealed unsafe class ChannelsStep : PlanStep
{
    // Fewer are copied faster one by one than by a call.
    private const int MinRun = 16;

    // Enough values that an item takes a few microseconds.
    private const long MinValuesPerItem = 16 * 1024;

    private readonly Slot _y;
    private readonly Source[] _sources;
    private readonly long _values;

    /// <summary>Makes the step.</summary>
    /// <param name="name">The node's name.</param>
    /// <param name="runs">Where channels lie, where they come, and how many follow each other.</param>
    /// <param name="y">Where they come.</param>
    public ChannelsStep(string name, IReadOnlyList<(Slot X, int From, int To, int Count)> runs, Slot y)
        : base(name, PlanStepKind.Layout, 0, [.. runs.Select(run => run.X).Distinct()], [y])
    {
        _y = y;
        _sources = [.. runs.GroupBy(run => run.X).Select(group => new Source(
            group.Key,
            [.. group.Where(run => run.Count >= MinRun).Select(run => (run.From, run.To, run.Count))],
            [.. group.Where(run => run.Count < MinRun)
                .SelectMany(run => Enumerable.Range(0, run.Count).Select(i => (run.From + i, run.To + i)))]))];
        _values = (long)y.Positions * runs.Sum(run => run.Count);
    }

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int WorkItems(int images, int threads) => images * Parts(threads);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(in Frame frame, int item)
    {
        int parts = Parts(frame.Threads), image = item / parts, part = item % parts;
        int first = Part(_y.Positions, parts, part), end = Part(_y.Positions, parts, part + 1);
        float* y = frame.At<float>(_y, image) + ((nint)first * _y.Stride);
        foreach (var source in _sources)
        {
            float* x = frame.At<float>(source.X, image) + ((nint)first * source.X.Stride);
            Copy(source, x, y, end - first, _y.Stride);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Copy(Source source, float* x, float* y, int pixels, int stride)
    {
        int step = source.X.Stride;
        fixed ((int From, int To)* singles = source.Singles)
        {
            for (; pixels > 0; pixels--, x += step, y += stride)
            {
                foreach (var (from, to, count) in source.Runs) new ReadOnlySpan<float>(x + from, count).CopyTo(new Span<float>(y + to, count));
                for (int i = 0; i < source.Singles.Length; i++) y[singles[i].To] = x[singles[i].From];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Parts(int threads) =>
        threads == 1 ? 1 : (int)Math.Clamp(_values / MinValuesPerItem, 1, Math.Min(ItemsPerThread * threads, _y.Positions));

    private sealed record Source(Slot X, (int From, int To, int Count)[] Runs, (int From, int To)[] Singles);
}
