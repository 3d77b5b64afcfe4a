using System.Buffers;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference.Memory;
using EfficientNetSharp.Inference.Threading;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Inference;

/// <summary>Runs networks on the project's own engine; the backend called <c>engine</c>.</summary>
/// <remarks>
/// Calls from several threads run side by side: they share the plan, which does not change, and each has memory of its own for the
/// values in between, kept for the next call. One call at a time has the runner's worker pool; others meanwhile run their work items
/// alone. The items are the same, so that the results are.
/// </remarks>
public sealed unsafe class EngineRunner : IModelRunner
{
    internal const string BackendName = "engine";

    private readonly Plan _plan;
    private readonly WorkerPool _pool;
    private readonly Stack<Context> _contexts = new();
    private readonly Lock _lock = new();
    private bool _disposed;

    /// <summary>Runs a plan.</summary>
    public EngineRunner(Plan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        _plan = plan;
        _pool = new WorkerPool(plan.Threads);
    }

    /// <inheritdoc />
    public string Backend => BackendName;

    /// <inheritdoc />
    public TensorShape InputShape => _plan.InputShape;

    /// <inheritdoc />
    public TensorShape OutputShape => _plan.OutputShapes[0];

    /// <inheritdoc />
    public ImmutableArray<TensorShape> OutputShapes => _plan.OutputShapes;

    /// <summary>The plan that it runs.</summary>
    public Plan Plan => _plan;

    /// <summary>Compiles a network and makes a runner for it.</summary>
    /// <inheritdoc cref="Plan.Create" path="/exception" />
    public static EngineRunner Create(Graph graph, WeightSet weights, PlanOptions? options = null) =>
        new(Plan.Create(graph, weights, options));

    /// <summary>Compiles a model at its card's size and makes a runner for it.</summary>
    /// <inheritdoc cref="Plan.Create" path="/exception" />
    public static EngineRunner Create(Model model, PlanOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        return Create(model.BuildGraph(), model.Weights, options);
    }

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(ReadOnlySpan<float> input, int batch, Span<float> output) => Run(input, batch, output, [], CancellationToken.None);

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void RunAll(ReadOnlySpan<float> input, int batch, params ReadOnlySpan<Memory<float>> outputs)
    {
        if (outputs.Length != OutputShapes.Length)
        {
            throw new ArgumentException(
                $"The network has {OutputShapes.Length} outputs, found room for {outputs.Length}.", nameof(outputs));
        }

        CheckInput(input, batch);
        for (int i = 0; i < outputs.Length; i++) CheckLength(outputs[i].Length, batch * OutputShapes[i].Count, batch, nameof(outputs));
        var pins = new MemoryHandle[outputs.Length];
        float** bases = stackalloc float*[outputs.Length];
        try
        {
            for (int i = 0; i < outputs.Length; i++)
            {
                pins[i] = outputs[i].Pin();
                bases[i] = (float*)pins[i].Pointer;
            }

            Run(input, batch, bases, [], CancellationToken.None);
        }
        finally
        {
            foreach (var pin in pins) pin.Dispose();
        }
    }

    /// <summary>Runs a batch that may be called off.</summary>
    /// <param name="input">Normalised images [N,C,H,W].</param>
    /// <param name="batch">N, at least 1.</param>
    /// <param name="output">
    /// Receives [N, …] of the first result, then of the second where there are several, and so on; or of the first alone.
    /// </param>
    /// <param name="cancellationToken">Looked at after each step of the network, so within milliseconds.</param>
    /// <exception cref="ArgumentException">A span's length does not fit the batch and the shapes.</exception>
    /// <exception cref="OperationCanceledException">It was called off; the output is unfinished.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(ReadOnlySpan<float> input, int batch, Span<float> output, CancellationToken cancellationToken) =>
        Run(input, batch, output, [], cancellationToken);

    /// <summary>Runs a batch and measures the steps.</summary>
    /// <param name="input">As in <see cref="Run(ReadOnlySpan{float}, int, Span{float})"/>.</param>
    /// <param name="batch">N, at least 1.</param>
    /// <param name="output">As in <see cref="Run(ReadOnlySpan{float}, int, Span{float})"/>.</param>
    /// <param name="ticks">
    /// For each step of <see cref="Plan.Profile"/>, the time that it took is added, in ticks of <see cref="System.Diagnostics.Stopwatch"/>.
    /// </param>
    /// <exception cref="ArgumentException">A span's length does not fit the batch, the shapes or the steps.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void RunProfiled(ReadOnlySpan<float> input, int batch, Span<float> output, Span<long> ticks)
    {
        if (ticks.Length != _plan.Steps.Length)
            throw new ArgumentException($"{_plan.Steps.Length} times are expected, found {ticks.Length}.", nameof(ticks));
        Run(input, batch, output, ticks, CancellationToken.None);
    }

    /// <summary>Stops the threads. Calls that are under way must have ended.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed) return;
            _disposed = true;
            _contexts.Clear();
        }

        _pool.Dispose();
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Run(ReadOnlySpan<float> input, int batch, Span<float> output, Span<long> ticks, CancellationToken cancellationToken)
    {
        CheckInput(input, batch);
        long all = 0;
        foreach (var shape in _plan.OutputShapes) all += shape.Count;
        if (output.Length != batch * all) CheckLength(output.Length, batch * OutputShape.Count, batch, nameof(output));

        // A caller who wants the first result alone gets the others into memory of their own. This is the rare case, so it may allocate.
        int results = _plan.OutputShapes.Length;
        bool firstOnly = results > 1 && output.Length == batch * OutputShape.Count;
        var rest = firstOnly ? new AlignedBuffer<float>(batch * (all - OutputShape.Count)) : null;
        float** bases = stackalloc float*[results];
        fixed (float* y = output)
        {
            float* at = y;
            for (int i = 0; i < results; i++)
            {
                if (i == 1 && rest is not null) at = rest.Pointer;
                bases[i] = at;
                at += batch * _plan.OutputShapes[i].Count;
            }

            Run(input, batch, bases, ticks, cancellationToken);
        }

        GC.KeepAlive(rest);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Run(ReadOnlySpan<float> input, int batch, float** bases, Span<long> ticks, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();

        var context = Rent(Math.Min(batch, _plan.ImagesPerPass));
        bool hasPool = _pool.TryAcquire();
        try
        {
            RunPasses(context, hasPool ? _pool : null, input, batch, bases, ticks, cancellationToken);
        }
        finally
        {
            if (hasPool) _pool.Release();
            lock (_lock)
            {
                if (!_disposed) _contexts.Push(context);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunPasses(
        Context context,
        WorkerPool? pool,
        ReadOnlySpan<float> input,
        int batch,
        float** bases,
        Span<long> ticks,
        CancellationToken cancellationToken)
    {
        int results = _plan.OutputShapes.Length;
        float** outputs = stackalloc float*[results];
        fixed (float* x = input)
        {
            for (int first = 0; first < batch; first += context.Images)
            {
                for (int i = 0; i < results; i++) outputs[i] = bases[i] + (first * _plan.OutputShapes[i].Count);
                int images = Math.Min(context.Images, batch - first);
                context.Run(pool, x + (first * InputShape.Count), outputs, images, ticks, cancellationToken);
            }
        }
    }

    // A context that was made for fewer images is too small and let go.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Context Rent(int images)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            while (_contexts.TryPop(out var context))
            {
                if (context.Images >= images) return context;
            }
        }

        return new Context(_plan, images);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void CheckInput(ReadOnlySpan<float> input, int batch)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        CheckLength(input.Length, batch * InputShape.Count, batch, nameof(input));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CheckLength(int length, long expected, int batch, string name)
    {
        if (length != expected) throw new ArgumentException($"{expected} values are expected for {batch} images, found {length}.", name);
    }
}
