using System.Runtime.CompilerServices;

namespace EfficientNetSharp.Inference.Threading;

/// <summary>Work in pieces that any member of a pool may do.</summary>
internal interface IParallelWork
{
    /// <summary>Does one piece.</summary>
    /// <param name="piece">Which, from 0.</param>
    /// <param name="member">Who does it: 0 for the caller, 1 and up for the others.</param>
    void Do(int piece, int member);
}

/// <summary>
/// A few threads that stand by and help one caller with its pieces of work. Each member, the caller among them, has a stretch of the
/// pieces of its own, so that what it wrote in one step it finds in its own cache in the next; whoever is done takes pieces of the others',
/// so that a helper that the operating system runs late, or not at all, delays nothing but the piece under its hands.
/// </summary>
/// <remarks>
/// Steps of a network follow each other within microseconds, so helpers first watch for the next one and go to sleep only after some
/// time without any. They are threads of their own: the thread pool is neither used nor starved.
/// </remarks>
internal sealed class WorkerPool : IDisposable
{
    // A member's pieces in one word, so that taking one is one atomic addition: the end of its stretch in the upper half, the next piece
    // in the lower.
    private const int PieceBits = 32;

    // Words so far apart that each has cache lines of its own, also those that the processor fetches in pairs.
    private const int Spacing = 16;

    // Looks at the next generation before a helper goes to sleep: some hundreds of microseconds, longer than any step of a running
    // network keeps it waiting, shorter than anyone would notice on an idle machine.
    private const int Looks = 4000, PausesPerLook = 20;

    private readonly Thread[] _helpers;
    private readonly SemaphoreSlim _wake = new(0);
    private readonly int _members;
    private readonly long[] _stretches;
    private IParallelWork? _work;
    private Exception? _error;
    private int _done, _sleeping, _busy;
    private volatile bool _stopping;

    /// <summary>Starts the helpers.</summary>
    /// <param name="members">Threads with the caller, at least 1.</param>
    public WorkerPool(int members)
    {
        _members = members;
        _stretches = new long[(members + 1) * Spacing];
        _helpers = new Thread[members - 1];
        for (int i = 0; i < _helpers.Length; i++)
        {
            int member = i + 1;
            _helpers[i] = new Thread(() => Help(member)) { IsBackground = true, Name = $"inference {member}" };
            _helpers[i].Start();
        }
    }

    /// <summary>Takes the pool for one caller; <see langword="false"/> while another has it.</summary>
    public bool TryTake() => _helpers.Length > 0 && Interlocked.CompareExchange(ref _busy, 1, 0) == 0;

    /// <summary>Gives it back.</summary>
    public void Release() => Volatile.Write(ref _busy, 0);

    /// <summary>Does work with the whole pool; the caller must have taken it. Returns when all pieces are done.</summary>
    public void Do(IParallelWork work, int pieces)
    {
        _work = work;
        Volatile.Write(ref _done, 0);
        for (int member = 0; member < _members; member++)
        {
            long first = (long)pieces * member / _members, end = (long)pieces * (member + 1) / _members;
            Volatile.Write(ref StretchOf(member), (end << PieceBits) | first);
        }

        Interlocked.MemoryBarrier();
        if (Volatile.Read(ref _sleeping) > 0) Wake();
        while (TakePiece(0))
        {
        }

        var wait = new SpinWait();
        int looks = 0;
        while (Volatile.Read(ref _done) < pieces)
        {
            // A piece is short; only where there are more threads than cores does its owner need this one's core.
            if (looks++ < Looks) Thread.SpinWait(PausesPerLook);
            else wait.SpinOnce(-1);
        }

        if (Interlocked.Exchange(ref _error, null) is { } error) throw new InvalidOperationException("A step failed.", error);
    }

    /// <summary>Sends the helpers home.</summary>
    public void Dispose()
    {
        if (_stopping) return;
        _stopping = true;
        if (_helpers.Length > 0) _wake.Release(_helpers.Length);
        foreach (var helper in _helpers) helper.Join();
        _wake.Dispose();
    }

    // Each sleeper is called once, although it takes many steps of a network until it is awake.
    private void Wake()
    {
        int sleeping = Interlocked.Exchange(ref _sleeping, 0);
        if (sleeping > 0) _wake.Release(sleeping);
    }

    private ref long StretchOf(int member) => ref _stretches[(member + 1) * Spacing];

    private bool TakePiece(int member)
    {
        for (int i = 0, owner = member; i < _members; i++, owner = owner + 1 == _members ? 0 : owner + 1)
        {
            // A look first: additions beyond the end would only take the cache line from those who still work.
            ref long stretch = ref StretchOf(owner);
            if (IsEmpty(Volatile.Read(ref stretch))) continue;
            long taken = Interlocked.Increment(ref stretch) - 1;
            if (IsEmpty(taken)) continue;
            DoPiece((int)taken, member);
            return true;
        }

        return false;
    }

    private static bool IsEmpty(long stretch) => (uint)stretch >= (uint)(stretch >> PieceBits);

    private void DoPiece(int piece, int member)
    {
        try
        {
            _work!.Do(piece, member);
        }
        catch (Exception e)
        {
            // On a helper's thread it would end the process, on the caller's leave the others at work; the caller is told in the end.
            Interlocked.CompareExchange(ref _error, e, null);
        }

        Interlocked.Increment(ref _done);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Help(int member)
    {
        while (!_stopping)
        {
            int looks = 0;
            while (looks < Looks)
            {
                if (TakePiece(member)) looks = 0;
                else
                {
                    looks++;
                    Thread.SpinWait(PausesPerLook);
                }

                if (_stopping) return;
            }

            Sleep();
        }
    }

    private void Sleep()
    {
        Interlocked.Increment(ref _sleeping);
        bool hasWork = false;
        for (int owner = 0; owner < _members; owner++) hasWork |= !IsEmpty(Interlocked.Read(ref StretchOf(owner)));
        if (_stopping) return;

        // Whoever is counted as a sleeper either takes itself off the count or has been called and takes the call.
        int sleeping = Volatile.Read(ref _sleeping);
        while (hasWork && sleeping > 0)
        {
            int seen = Interlocked.CompareExchange(ref _sleeping, sleeping - 1, sleeping);
            if (seen == sleeping) return;
            sleeping = seen;
        }

        _wake.Wait();
    }
}
