using System.Collections.Immutable;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Running;

/// <summary>A file that is ready to run.</summary>
/// <param name="Runner">The network, which is disposed with this.</param>
/// <param name="Card">
/// What the file says of classes and images, <see langword="null"/> where it says nothing; its size is the file's own.
/// </param>
/// <param name="OutputNames">What the outputs are called, as many as the runner has.</param>
public sealed record OpenedRunner(IModelRunner Runner, ModelCard? Card, ImmutableArray<string> OutputNames) : IDisposable
{
    /// <summary>The network that was read from the file; <see langword="null"/> where a backend runs the file itself.</summary>
    public OpenedModel? Source { get; init; }

    /// <summary>Disposes the runner.</summary>
    public void Dispose() => Runner.Dispose();
}
