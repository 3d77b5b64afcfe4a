namespace EfficientNetSharp;

/// <summary>
/// Progress that is passed on at once, in order, on the thread that tells it; <see cref="Progress{T}"/> hands it to the thread pool or to a
/// window's thread, in any order.
/// </summary>
/// <typeparam name="T">What is told.</typeparam>
/// <param name="report">Receives it.</param>
public sealed class SynchronousProgress<T>(Action<T> report) : IProgress<T>
{
    /// <inheritdoc />
    public void Report(T value) => report(value);
}
