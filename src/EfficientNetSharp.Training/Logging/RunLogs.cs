using System.Collections.Immutable;
using EfficientNetSharp.Evaluation.Reports;
using EfficientNetSharp.Training.Tasks;

namespace EfficientNetSharp.Training.Logging;

/// <summary>All logs of a run.</summary>
internal sealed class RunLogs : IDisposable
{
    private readonly ImmutableArray<IRunLog> _logs;

    /// <summary>Opens them.</summary>
    /// <param name="jsonLines">The file of JSON lines.</param>
    /// <param name="events">The folder of TensorBoard's file.</param>
    /// <param name="lengths">Their lengths at the checkpoint that the run goes on from; empty for a new run.</param>
    /// <param name="task">Says how measures are called.</param>
    /// <param name="time">Gives TensorBoard's times.</param>
    public RunLogs(
        string jsonLines, string events, ImmutableSortedDictionary<string, long> lengths, TaskSummary task, TimeProvider time) => _logs =
    [
        new JsonLinesLog(jsonLines, lengths.GetValueOrDefault("jsonl"), task),
        new TensorBoardLog(events, lengths.GetValueOrDefault("tensorboard"), task, time),
    ];

    /// <summary>Writes a step down.</summary>
    public void Add(StepRecord step)
    {
        foreach (var log in _logs) log.Add(step);
    }

    /// <summary>Writes an epoch down.</summary>
    /// <param name="epoch">The epoch.</param>
    /// <param name="step">Steps of the run that are done.</param>
    public void Add(EpochRecord epoch, long step)
    {
        foreach (var log in _logs) log.Add(epoch, step);
    }

    /// <summary>Brings all to disk.</summary>
    /// <returns>The lengths, for the checkpoint.</returns>
    public ImmutableSortedDictionary<string, long> Flush() =>
        _logs.ToImmutableSortedDictionary(log => log.Name, log => log.Flush(), StringComparer.Ordinal);

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var log in _logs) log.Dispose();
    }
}
