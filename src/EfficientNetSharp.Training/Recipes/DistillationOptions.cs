namespace EfficientNetSharp.Training.Recipes;

/// <summary>How much a network listens to a teacher (Hinton, Vinyals and Dean 2015), where a run has one.</summary>
public sealed record DistillationOptions
{
    /// <summary>
    /// Divides both networks' logits before the softmax, so that a teacher's small probabilities count; default 2, the lower of the
    /// usual values, as Hinton et al. found lower temperatures better for small students.
    /// </summary>
    public double Temperature { get; init; } = 2;

    /// <summary>The teacher's share of the loss; the labels have the rest. Default 0.5.</summary>
    public double Weight { get; init; } = 0.5;
}
