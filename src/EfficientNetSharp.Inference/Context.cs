using System.Diagnostics;
using EfficientNetSharp.Inference.Memory;
using EfficientNetSharp.Inference.Steps;
using EfficientNetSharp.Inference.Threading;

namespace EfficientNetSharp.Inference;

/// <summary>The memory of one call of a plan at a time.</summary>
internal sealed unsafe class Context : IParallelWork
{
    private readonly Plan _plan;
    private readonly AlignedBuffer<byte> _arena, _scratch;
    private Frame _frame;
    private Step? _step;

    /// <summary>Takes memory for so many images side by side.</summary>
    public Context(Plan plan, int images)
    {
        _plan = plan;
        Images = images;
        _arena = new AlignedBuffer<byte>(plan.ArenaBytes * images);
        _scratch = new AlignedBuffer<byte>(plan.ScratchStride * plan.Threads);
    }

    /// <summary>Images that there is memory for.</summary>
    public int Images { get; }

    /// <summary>Runs the network on some images.</summary>
    /// <param name="pool">Who helps; <see langword="null"/> for nobody. The pieces of work are the same.</param>
    /// <param name="input">[N,C,H,W].</param>
    /// <param name="outputs">Where each result goes.</param>
    /// <param name="images">N.</param>
    /// <param name="ticks">Receives the time of each step, added to what is there; may be empty.</param>
    /// <param name="cancellationToken">Looked at between the steps.</param>
    public void Run(WorkerPool? pool, float* input, float** outputs, int images, Span<long> ticks, CancellationToken cancellationToken)
    {
        _frame = new Frame(_arena.Pointer, _scratch.Pointer, input, outputs, images, _plan.Threads);
        for (int i = 0; i < _plan.Steps.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var step = _plan.Steps[i];
            long start = ticks.IsEmpty ? 0 : Stopwatch.GetTimestamp();
            int pieces = step.Pieces(images, _plan.Threads);
            if (pool is null || pieces == 1)
            {
                for (int piece = 0; piece < pieces; piece++) step.Run(_frame, piece);
            }
            else
            {
                _step = step;
                pool.Do(this, pieces);
            }

            if (!ticks.IsEmpty) ticks[i] += Stopwatch.GetTimestamp() - start;
        }
    }

    /// <inheritdoc />
    public void Do(int piece, int member) => _step!.Run(_frame.WithScratch(_scratch.Pointer + (member * _plan.ScratchStride)), piece);
}
