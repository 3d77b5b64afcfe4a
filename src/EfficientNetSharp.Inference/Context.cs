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

    // All in one block, so that in large pages nothing is left to where the system happens to put small ones.
    private readonly AlignedBuffer<byte> _memory;
    private readonly long _scratchStart, _scratchStride;

    // Between guard pages each thread's is by itself.
    private readonly AlignedBuffer<byte>[] _guardedScratch = [];
    private readonly GuardSide _guard = MemoryGuard.Side;
    private Frame _frame;
    private PlanStep? _step;

    /// <summary>Takes memory for so many images side by side.</summary>
    public Context(Plan plan, int images)
    {
        _plan = plan;
        Images = images;
        long arena = plan.Arena.Bytes * images;
        if (_guard == GuardSide.None)
        {
            // In pages of its own, no thread shares a line with another, nor a pair of lines that is fetched together.
            _scratchStart = MemoryGuard.RoundUp(arena);
            _scratchStride = MemoryGuard.RoundUp(plan.ScratchBytes);
            _memory = new AlignedBuffer<byte>(_scratchStart + (_scratchStride * plan.Threads));
            return;
        }

        _memory = new AlignedBuffer<byte>(arena);
        _guardedScratch = [.. Enumerable.Range(0, plan.Threads).Select(_ => new AlignedBuffer<byte>(plan.ScratchBytes))];
        _memory.Span.Fill(AllBitsSet);
        foreach (long page in plan.Arena.GuardPages) MemoryGuard.Close(_memory.Pointer + (page * images),
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
        // The workers read them: what does not change is not written again.
        _frame = new Frame(_memory.Pointer, input, outputs, images, _plan.Threads);
        for (int i = 0; i < _plan.Steps.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var step = _plan.Steps[i];
            long start = ticks.IsEmpty ? 0 : Stopwatch.GetTimestamp();
            int items = step.WorkItems(images, _plan.Threads);
            _step = step;
            if (_guard != GuardSide.None) Array.ForEach(_guardedScratch, scratch => scratch.Span.Fill(AllBitsSet));
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
        byte* scratch = _guard == GuardSide.None ? _memory.Pointer + _scratchStart + (_scratchStride * worker)
            : _guardedScratch[worker].Pointer + (_guard == GuardSide.After ? _plan.ScratchBytes - _step!.ScratchBytes : 0);
        _step!.Run(_frame.WithScratch(scratch), item);
    }
}
