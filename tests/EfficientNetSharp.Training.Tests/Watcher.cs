namespace EfficientNetSharp.Training.Tests;

/// <summary>Hears of a run's progress at once, on the run's own thread.</summary>
internal sealed class Watcher(Action<TrainingProgress> watch) : IProgress<TrainingProgress>
{
    public void Report(TrainingProgress value) => watch(value);
}
