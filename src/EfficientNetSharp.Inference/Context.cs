using System.Diagnostics;
using System.Runtime.CompilerServices;
using EfficientNetSharp.Inference.Memory;
using EfficientNetSharp.Inference.Steps;
using EfficientNetSharp.Inference.Threading;

namespace EfficientNetSharp.Inference;

/// <summary>The memory of one call of a plan at a time.</summary>
internal sealed unsafe class Context : IParallelWork
{
    private readonly Plan _plan;
    private readonly AlignedBuffer<byte> _arena;

    // One for each thread; they start at cache lines, so that no two threads share one.
    private readonly AlignedBuffer<byte>[] _scratch;
    private readonly GuardSide _guard = MemoryGuard.Side;
    private Frame _frame;
    private PlanStep? _step;

    /// <summary>Takes memory for so many images side by side.</summary>
    public Context(Plan plan, int images)
    {
        _plan = plan;
        Images = images;
        _arena = new AlignedBuffer<byte>(plan.Arena.Bytes * images);
        _scratch = [.. Enumerable.Range(0, plan.Threads).Select(_ => new AlignedBuffer<byte>(plan.ScratchBytes))];
        if (_guard == GuardSide.None) return;
        _arena.Span.Fill(AllBitsSet);
        foreach (long page in plan.Arena.GuardPages) MemoryGuard.Close(_arena.Pointer + (page * images),
            (long)MemoryGuard.PageBytes * images);
    }

    // Four of them are NaN.
    private const byte AllBitsSet = 0xFF;

    /// <summary>Images that there is memory for.</summary>
    public int Images { get; }

    /// <summary>Runs the network on some images.</summary>
    /// <param name="pool">Who shares the work items; <see langword="null"/> for the caller alone. The items are the same.</param>
    /// <param name="input">[N,C,H,W].</param>
    /// <param name="outputs">Where each result goes.</param>
    /// <param name="images">N.</param>
    /// <param name="ticks">Receives the time of each step, added to what is there; may be empty.</param>
    /// <param name="cancellationToken">Looked at between the steps.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(WorkerPool? pool, float* input, float** outputs, int images, Span<long> ticks, CancellationToken cancellationToken)
    {
        var frame = new Frame(_arena.Pointer, input, outputs, images, _plan.Threads);
        for (int i = 0; i < _plan.Steps.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var step = _plan.Steps[i];
            long start = ticks.IsEmpty ? 0 : Stopwatch.GetTimestamp();
            int items = step.WorkItems(images, _plan.Threads);
            (_frame, _step) = (frame, step);
            if (_guard != GuardSide.None) Array.ForEach(_scratch, scratch => scratch.Span.Fill(AllBitsSet));
            if (pool is null || items == 1)
            {
                for (int item = 0; item < items; item++) Run(item, worker: 0);
            }
            else
            {
                pool.Run(this, items);
            }

            if (!ticks.IsEmpty) ticks[i] += Stopwatch.GetTimestamp() - start;
        }
    }

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(int item, int worker)
    {
        byte* scratch = _scratch[worker].Pointer;
        if (_guard == GuardSide.After) scratch += _plan.ScratchBytes - _step!.ScratchBytes;
        _step!.Run(_frame.WithScratch(scratch), item);
    }
}
