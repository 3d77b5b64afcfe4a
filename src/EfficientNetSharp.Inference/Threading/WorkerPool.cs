using System.Runtime.CompilerServices;

namespace EfficientNetSharp.Inference.Threading;

/// <summary>Work in numbered items that any worker of a pool may run, in any order.</summary>
internal interface IParallelWork
{
    /// <summary>Runs one item.</summary>
    /// <param name="item">Which, from 0.</param>
    /// <param name="worker">Who runs it: 0 for the caller, 1 and up for the pool's threads.</param>
    void Run(int item, int worker);
}

/// <summary>
/// A few threads that stand by and share one caller's work items with it. Each worker, the caller among them, has a range of the items
/// of its own, so that what it wrote in one step of a plan it finds in its own cache in the next; whoever is done takes items from the
/// others' ranges, so that a worker that the operating system runs late, or not at all, delays nothing but the item in its hands.
/// </summary>
/// <remarks>
/// A plan's steps follow each other within microseconds, so idle workers first poll for the next one and go to sleep only after some
/// time without any. They are threads of their own: the runtime's thread pool is neither used nor starved. What is passed from core to core
/// for a step is little: each worker polls the word of its own range and no other, which brings it its items, and tells once how many it
/// has finished.
/// </remarks>
internal sealed class WorkerPool : IDisposable
{
    // A worker's range in one word, so that taking an item is one atomic addition: its end in the upper half, the next item in the lower.
    private const int ItemBits = 32;

    // Words so far apart that each has cache lines of its own, also those that the processor fetches in pairs.
    private const int Spacing = 16;

    // A worker polls with the shortest pause: one of twenty turns is a microsecond, and a step would wait for its end. After about half
    // a millisecond, longer than any step of a running network keeps it waiting, it goes to sleep: shorter than anyone would notice on
    // an idle machine.
    private const int PollsBeforeSleep = 10_000;

    private readonly Thread[] _threads;
    private readonly SemaphoreSlim _wake = new(0);
    private readonly int _workers;

    // The number of finished items, then the workers' ranges.
    private readonly long[] _words;
    private IParallelWork? _work;
    private Exception? _error;
    private int _sleeping, _acquired;
    private volatile bool _stopping;

    /// <summary>Starts the threads.</summary>
    /// <param name="workers">Workers with the caller, at least 1.</param>
    public WorkerPool(int workers)
    {
        _workers = workers;
        _words = new long[(workers + 2) * Spacing];
        _threads = new Thread[workers - 1];
        for (int i = 0; i < _threads.Length; i++)
        {
            int worker = i + 1;
            _threads[i] = new Thread(() => RunWorker(worker)) { IsBackground = true, Name = $"inference {worker}" };
            _threads[i].Start();
        }
    }

    /// <summary>Acquires the pool for one caller; <see langword="false"/> while another has it, and where there are no threads.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public bool TryAcquire() => _threads.Length > 0 && Interlocked.CompareExchange(ref _acquired, 1, 0) == 0;

    /// <summary>Releases the pool for the next caller.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Release()
    {
        _work = null;
        Volatile.Write(ref _acquired, 0);
    }

    /// <summary>Runs work on all workers; the caller must have acquired the pool. Returns when all items are finished.</summary>
    /// <exception cref="InvalidOperationException">An item failed; the inner exception says why.</exception>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(IParallelWork work, int items)
    {
        // A line that others have read is dear to write; the work of all steps of a call is the same.
        if (_work != work) _work = work;
        Volatile.Write(ref Finished, 0);

        // The others' first: they are to begin.
        for (int worker = _workers - 1; worker >= 0; worker--)
        {
            long first = (long)items * worker / _workers, end = (long)items * (worker + 1) / _workers;
            Volatile.Write(ref RangeOf(worker), (end << ItemBits) | first);
        }

        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _sleeping) > 0) Wake();
        RunItems(0);
        var wait = new SpinWait();
        int polls = 0;
        while (Volatile.Read(ref Finished) < items)
        {
            // An item is short; only where there are more threads than cores does its worker need this one's core.
            if (polls++ < PollsBeforeSleep) Thread.SpinWait(1);
            else wait.SpinOnce(-1);
        }

        if (Interlocked.Exchange(ref _error, null) is { } error) throw new InvalidOperationException("A step failed.", error);
    }

    /// <summary>Stops the threads and waits for them.</summary>
    public void Dispose()
    {
        if (_stopping) return;
        _stopping = true;
        if (_threads.Length > 0) _wake.Release(_threads.Length);
        foreach (var thread in _threads) thread.Join();
        _wake.Dispose();
    }

    private ref long Finished => ref _words[Spacing];

    private ref long RangeOf(int worker) => ref _words[(worker + 2) * Spacing];

    private static bool IsEmpty(long range) => (uint)range >= (uint)(range >> ItemBits);

    // Each sleeper is woken once, although many steps of a network pass until it is awake.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Wake()
    {
        int sleeping = Interlocked.Exchange(ref _sleeping, 0);
        if (sleeping > 0) _wake.Release(sleeping);
    }

    // The worker's own items, then what is left of the others'.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunItems(int worker)
    {
        int finished = 0;
        for (int i = 0, owner = worker; i < _workers; i++, owner = owner + 1 == _workers ? 0 : owner + 1)
        {
            // A look first: additions beyond the end would only take the cache line from those who still work.
            ref long range = ref RangeOf(owner);
            while (!IsEmpty(Volatile.Read(ref range)))
            {
                long taken = Interlocked.Increment(ref range) - 1;
                if (IsEmpty(taken)) break;
                RunItem((int)taken, worker);
                finished++;
            }
        }

        if (finished > 0) Interlocked.Add(ref Finished, finished);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunItem(int item, int worker)
    {
        try
        {
            _work!.Run(item, worker);
        }
        catch (Exception e)
        {
            // On a pool's thread it would end the process, on the caller's leave the others at work; the caller is told in the end.
            Interlocked.CompareExchange(ref _error, e, null);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private void RunWorker(int worker)
    {
        ref long own = ref RangeOf(worker);
        while (!_stopping)
        {
            for (int polls = 0; polls < PollsBeforeSleep; polls++)
            {
                if (!IsEmpty(Volatile.Read(ref own)))
                {
                    RunItems(worker);
                    polls = 0;
                }
                else
                {
                    Thread.SpinWait(1);
                }

                if (_stopping) return;
            }

            Sleep(ref own);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Sleep(ref long own)
    {
        Interlocked.Increment(ref _sleeping);
        if (_stopping) return;

        // Whoever is counted as a sleeper either takes itself off the count or has been woken and takes that.
        int sleeping = Volatile.Read(ref _sleeping);
        while (!IsEmpty(Interlocked.Read(ref own)) && sleeping > 0)
        {
            int seen = Interlocked.CompareExchange(ref _sleeping, sleeping - 1, sleeping);
            if (seen == sleeping) return;
            sleeping = seen;
        }

        _wake.Wait();
    }
}
