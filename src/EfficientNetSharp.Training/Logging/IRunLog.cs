using EfficientNetSharp.Evaluation.Reports;

namespace EfficientNetSharp.Training.Logging;

/// <summary>Writes down how a run goes, in a file that grows.</summary>
internal interface IRunLog : IDisposable
{
    /// <summary>What the checkpoint calls it.</summary>
    string Name { get; }

    /// <summary>Writes a step down.</summary>
    void Add(StepRecord step);

    /// <summary>Writes an epoch down.</summary>
    /// <param name="epoch">The epoch.</param>
    /// <param name="step">Steps of the run that are done.</param>
    void Add(EpochRecord epoch, long step);

    /// <summary>Brings all to disk.</summary>
    /// <returns>The file's length, to which a resumed run cuts it.</returns>
    long Flush();
}
