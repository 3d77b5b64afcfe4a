namespace EfficientNetSharp.Training.Probing;

/// <summary>Progress that is passed on at once, on the thread that tells it.</summary>
internal sealed class Relay<T>(Action<T> report) : IProgress<T>
{
    /// <inheritdoc />
    public void Report(T value) => report(value);
}
