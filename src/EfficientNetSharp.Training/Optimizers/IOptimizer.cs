namespace EfficientNetSharp.Training.Optimizers;

/// <summary>
/// A rule that changes weights by their gradients. It works on one long vector that holds all of a network's weights end to end;
/// groups say which of them learn and how.
/// </summary>
internal interface IOptimizer
{
    /// <summary>The vectors that it remembers from step to step, by name; a checkpoint stores and restores them in place.</summary>
    IReadOnlyDictionary<string, float[]> State { get; }

    /// <summary>Changes the values.</summary>
    /// <param name="values">The weights, changed in place.</param>
    /// <param name="gradients">Their gradients.</param>
    /// <param name="groups">Which values learn.</param>
    /// <param name="learningRate">Step size.</param>
    /// <param name="step">Number of the step, from 0 over the whole run.</param>
    void Step(Span<float> values, ReadOnlySpan<float> gradients, ParameterGroups groups, double learningRate, long step);
}
