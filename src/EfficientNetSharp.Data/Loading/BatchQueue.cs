using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;

namespace EfficientNetSharp.Data.Loading;

/// <summary>One image to be read: a row of a batch.</summary>
internal readonly record struct Ticket(BatchAssembly Assembly, int Slot);

/// <summary>
/// Where workers and consumer meet. Workers take rows in the order of the epoch, so all of them fill the batch that is wanted
/// next; a window of fixed length bounds how far they run ahead of the consumer. One lock guards everything; images are
/// read outside it.
/// </summary>
/// <remarks>
/// Nothing here waits for a buffer: a batch leaves the window when the consumer takes it, whether or not it is ever disposed.
/// The workers wait for room in the window or for an epoch, the consumer for the first batch of the window.
/// </remarks>
internal sealed class BatchQueue(BufferPool pool, int window, BrokenImagePolicy policy, Action<BatchAssembly>? complete = null)
{
    private readonly object _gate = new();
    private readonly Queue<BatchAssembly> _window = new();
    private SampleOrder? _order;
    private BatchAssembly? _filling;
    private int _epoch;
    private int _next;
    private bool _failed;
    private ExceptionDispatchInfo? _noMemory;
    private bool _stopped;

    /// <summary>Opens an epoch for the workers.</summary>
    public void Begin(SampleOrder order, int epoch, int startBatch)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_stopped, typeof(BatchLoader));
            if (_order is not null)
            {
                throw new InvalidOperationException(
                    "This loader's batches are being enumerated already. Finish or leave that loop first, or make a second loader.");
            }
            (_order, _epoch, _next, _filling, _failed, _noMemory) = (order, epoch, startBatch, null, false, null);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Closes the epoch; batches that nobody took are dropped, their memory is kept.</summary>
    public void End()
    {
        lock (_gate)
        {
            _order = null;
            _filling = null;
            foreach (var assembly in _window)
            {
                assembly.Abandoned = true;
                // Workers may still write to it; the last of them returns its memory.
                bool closing = assembly.Done == assembly.Count && !assembly.Ready;
                if (assembly.Done == assembly.Taken && !closing) pool.Return(assembly.Buffer);
            }
            _window.Clear();
        }
    }

    /// <summary>Sends the workers home and the consumer an <see cref="ObjectDisposedException"/>.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _stopped = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Makes the consumer look at its cancellation token.</summary>
    public void Wake()
    {
        lock (_gate) Monitor.PulseAll(_gate);
    }

    /// <summary>Waits for a row to fill; false when the workers are to end.</summary>
    public bool Take(out Ticket ticket)
    {
        lock (_gate)
        {
            while (!_stopped)
            {
                if (TryOpenBatch(out var assembly))
                {
                    ticket = new Ticket(assembly, assembly.Taken++);
                    return true;
                }
                Monitor.Wait(_gate);
            }
            ticket = default;
            return false;
        }
    }

    /// <summary>Reports a row as done, well or not.</summary>
    public void Finish(Ticket ticket, ExceptionDispatchInfo? failure)
    {
        var assembly = ticket.Assembly;
        lock (_gate)
        {
            assembly.Finish(ticket.Slot, failure);
            if (assembly.Abandoned)
            {
                if (assembly.Done == assembly.Taken) pool.Return(assembly.Buffer);
                return;
            }
            // The batch of a fatal failure is still completed, so that which failure is thrown does not depend on the workers.
            if (failure is not null && BatchAssembly.IsFatal(failure.SourceException, policy)) _failed = true;
            if (assembly.Done < assembly.Count) return;
        }
        assembly.CloseUp(policy, pool.ImageLength);
        complete?.Invoke(assembly);
        lock (_gate)
        {
            assembly.Ready = true;
            if (assembly.Abandoned) pool.Return(assembly.Buffer);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits for the next batch of the epoch; null at its end.</summary>
    public BatchAssembly? Next(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            while (true)
            {
                ObjectDisposedException.ThrowIf(_stopped, typeof(BatchLoader));
                cancellationToken.ThrowIfCancellationRequested();
                if (_window.TryPeek(out var head))
                {
                    if (head.Ready)
                    {
                        _window.Dequeue();
                        Monitor.PulseAll(_gate);
                        return head;
                    }
                }
                else
                {
                    _noMemory?.Throw();
                    if (_next == _order!.BatchCount) return null;
                }
                Monitor.Wait(_gate);
            }
        }
    }

    private bool TryOpenBatch([NotNullWhen(true)] out BatchAssembly? assembly)
    {
        assembly = _filling;
        if (_order is null) return false;
        if (assembly is not null && assembly.Taken < assembly.Count) return true;
        while (!_failed && _next < _order.BatchCount && _window.Count < window && TryRent(out var buffer))
        {
            assembly = Plan(_order, buffer, _next++);
            _window.Enqueue(assembly);
            _filling = assembly;
            if (assembly.Count > 0) return true;
            // A short batch may have no row for this rank; there is nothing to wait for.
            assembly.Ready = true;
            Monitor.PulseAll(_gate);
        }

        return false;
    }

    private BatchAssembly Plan(SampleOrder order, BatchBuffer buffer, int number)
    {
        var indices = order.Batch(number);
        indices.CopyTo(buffer.Indices);
        int firstRow = order.FirstRow(number);
        for (int slot = 0; slot < indices.Length; slot++) buffer.Rows[slot] = firstRow + slot;
        return new BatchAssembly(buffer, number, _epoch, indices.Length, firstRow, order.WholeBatch(number).Length);
    }

    private bool TryRent([NotNullWhen(true)] out BatchBuffer? buffer)
    {
        try
        {
            buffer = pool.Rent();
            return true;
        }
        catch (OutOfMemoryException failure)
        {
            // On a worker's thread it would end the process; the consumer gets it after the batches that are there.
            buffer = null;
            _failed = true;
            _noMemory = ExceptionDispatchInfo.Capture(failure);
            Monitor.PulseAll(_gate);
            return false;
        }
    }
}
