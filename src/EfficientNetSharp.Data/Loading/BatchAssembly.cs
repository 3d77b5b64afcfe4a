using System.Diagnostics;
using System.Runtime.ExceptionServices;
using EfficientNetSharp.Data.Mixing;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Data.Loading;

/// <summary>
/// A batch while workers fill it. Its counters change under the queue's lock; each row is written by the one worker that took
/// it.
/// </summary>
internal sealed class BatchAssembly(BatchBuffer buffer, int number, int epoch, int count, int firstRow, int globalCount)
{
    private ExceptionDispatchInfo?[]? _failures; // One per row; there is nearly never any.

    public BatchBuffer Buffer { get; } = buffer;

    public int Number { get; } = number;

    public int Epoch { get; } = epoch;

    /// <summary>The row of the batch of all ranks at which this part begins.</summary>
    public int FirstRow { get; } = firstRow;

    /// <summary>The images of the batch of all ranks.</summary>
    public int GlobalCount { get; } = globalCount;

    /// <summary>The images the batch is to have.</summary>
    public int Count { get; } = count;

    /// <summary>Rows given to workers.</summary>
    public int Taken { get; set; }

    /// <summary>Rows that workers are done with.</summary>
    public int Done { get; private set; }

    /// <summary>Set when every row is done and the broken ones are closed up.</summary>
    public bool Ready { get; set; }

    /// <summary>Set when nobody waits for the batch any more.</summary>
    public bool Abandoned { get; set; }

    /// <summary>The failure to throw in place of the batch: that of the first row, whichever worker met one first.</summary>
    public ExceptionDispatchInfo? Failure { get; private set; }

    /// <summary>The rows that were left out, in order, with their images' numbers.</summary>
    public List<(int Index, string Reason)> Broken { get; } = [];

    /// <summary>Rows that remain after closing up.</summary>
    public int Readable => Count - Broken.Count;

    public void Finish(int slot, ExceptionDispatchInfo? failure)
    {
        Done++;
        if (failure is null) return;
        _failures ??= new ExceptionDispatchInfo?[Count];
        _failures[slot] = failure;
    }

    /// <summary>Moves the rows after a broken one up, so that the readable ones lie together in their old order.</summary>
    public void CloseUp(BrokenImagePolicy policy, int imageLength)
    {
        Debug.Assert(Done == Count);
        if (_failures is null) return;
        Failure = Array.Find(_failures, failure => failure is not null && IsFatal(failure.SourceException, policy));
        if (Failure is not null) return;
        int to = 0;
        for (int from = 0; from < Count; from++)
        {
            if (_failures[from] is { } failure)
            {
                Broken.Add((Buffer.Indices[from], failure.SourceException.Message));
                continue;
            }
            if (to != from)
            {
                Buffer.Images.AsSpan(from * imageLength, imageLength).CopyTo(Buffer.Images.AsSpan(to * imageLength));
                Buffer.Labels[to] = Buffer.Labels[from];
                Buffer.Indices[to] = Buffer.Indices[from];
                Buffer.Rows[to] = Buffer.Rows[from];
            }
            to++;
        }
    }

    /// <summary>Mixes the rows that remain, each rank within its own.</summary>
    public void Mix(BatchMixer mixer, TensorShape imageShape, ulong seed, int rank)
    {
        if (Failure is not null || Readable == 0) return;
        mixer.Mix(
            Buffer.Images.AsSpan(0, Readable * (int)imageShape.Count), imageShape, Buffer.Labels.AsSpan(0, Readable),
            Buffer.SecondLabels.AsSpan(0, Readable), Buffer.FirstShares.AsSpan(0, Readable), seed, Epoch, Number, rank);
    }

    /// <summary>
    /// Only what a reader or transform says about an image makes it a broken image; anything else is a bug in the program.
    /// </summary>
    public static bool IsFatal(Exception failure, BrokenImagePolicy policy) =>
        policy == BrokenImagePolicy.Fail || failure is not InvalidInputException;
}
