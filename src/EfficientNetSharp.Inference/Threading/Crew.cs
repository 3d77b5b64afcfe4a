using System.Runtime.CompilerServices;

namespace EfficientNetSharp.Inference.Threading;

/// <summary>Work in pieces that any member of a crew may do.</summary>
internal interface ICrewWork
{
    /// <summary>Does one piece.</summary>
    /// <param name="piece">Which, from 0.</param>
    /// <param name="member">Who does it: 0 for the caller, 1 and up for the others.</param>
    void Do(int piece, int member);
}

/// <summary>
/// A few threads that stand by and help one caller with its pieces of work. Pieces are taken one by one by whoever is free, the caller
/// among them, so that a helper that the operating system runs late, or not at all, delays nothing but its own piece.
/// </summary>
/// <remarks>
/// Steps of a network follow each other within microseconds, so helpers first watch for the next one and go to sleep only after some
/// time without any. They are threads of their own: the thread pool is neither used nor starved.
/// </remarks>
internal sealed class Crew : IDisposable
{
    // What is to be done in one word, so that taking a piece is one atomic addition: generation in the upper 24 bits, number of pieces
    // in the next 20, the next piece in the lowest 20.
    private const int PieceBits = 20;
    private const long PieceMask = (1L << PieceBits) - 1;

    // Looks at the next generation before a helper goes to sleep: some hundreds of microseconds, longer than any step of a running
    // network keeps it waiting, shorter than anyone would notice on an idle machine.
    private const int Looks = 4000, PausesPerLook = 20;

    private readonly Thread[] _helpers;
    private readonly SemaphoreSlim _wake = new(0);
    private readonly int _members;
    private ICrewWork? _work;
    private Exception? _fault;
    private long _ticket, _generation;
    private int _done, _sleeping, _busy;
    private volatile bool _stopping;

    /// <summary>Starts the helpers.</summary>
    /// <param name="members">Threads with the caller, at least 1.</param>
    public Crew(int members)
    {
        _members = members;
        _helpers = new Thread[members - 1];
        for (int i = 0; i < _helpers.Length; i++)
        {
            int member = i + 1;
            _helpers[i] = new Thread(() => Help(member)) { IsBackground = true, Name = $"inference {member}" };
            _helpers[i].Start();
        }
    }

    /// <summary>Takes the crew for one caller; <see langword="false"/> while another has it.</summary>
    public bool TryTake() => _helpers.Length > 0 && Interlocked.CompareExchange(ref _busy, 1, 0) == 0;

    /// <summary>Gives it back.</summary>
    public void Release() => Volatile.Write(ref _busy, 0);

    /// <summary>Does work with the whole crew; the caller must have taken it. Returns when all pieces are done.</summary>
    public void Do(ICrewWork work, int pieces)
    {
        if (pieces >= PieceMask / 2) throw new ArgumentOutOfRangeException(nameof(pieces), pieces, "There are too many pieces.");
        _work = work;
        Volatile.Write(ref _done, 0);
        _generation = (_generation + 1) & 0xFFFFFF;
        Volatile.Write(ref _ticket, (_generation << (2 * PieceBits)) | ((long)pieces << PieceBits));
        Interlocked.MemoryBarrier();
        int sleeping = Volatile.Read(ref _sleeping);
        if (sleeping > 0) Wake(Math.Min(sleeping, pieces - 1));
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

        if (Interlocked.Exchange(ref _fault, null) is { } fault) throw new InvalidOperationException("A step failed.", fault);
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

    private void Wake(int count)
    {
        if (count > 0) _wake.Release(count);
    }

    private bool TakePiece(int member)
    {
        // A look first: additions beyond the end would only take the cache line from those who still work.
        long seen = Volatile.Read(ref _ticket);
        if ((seen & PieceMask) >= ((seen >> PieceBits) & PieceMask)) return false;
        long ticket = Interlocked.Increment(ref _ticket) - 1;
        int piece = (int)(ticket & PieceMask);
        if (piece >= ((ticket >> PieceBits) & PieceMask)) return false;
        try
        {
            _work!.Do(piece, member);
        }
        catch (Exception e)
        {
            // On a helper's thread it would end the process, on the caller's leave the others at work; the caller is told in the end.
            Interlocked.CompareExchange(ref _fault, e, null);
        }

        Interlocked.Increment(ref _done);
        return true;
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

            Interlocked.Increment(ref _sleeping);
            long ticket = Volatile.Read(ref _ticket);
            bool work = (ticket & PieceMask) < ((ticket >> PieceBits) & PieceMask);
            if (!work) _wake.Wait();
            Interlocked.Decrement(ref _sleeping);
        }
    }
}
