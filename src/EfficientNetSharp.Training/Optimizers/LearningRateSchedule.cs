namespace EfficientNetSharp.Training.Optimizers;

/// <summary>
/// Linear warm-up, then half a cosine from the peak down to a final share of it (Loshchilov and Hutter 2017), by step.
/// </summary>
/// <param name="Peak">Learning rate after the warm-up.</param>
/// <param name="WarmUpSteps">Steps of the warm-up.</param>
/// <param name="TotalSteps">Steps of the whole run.</param>
/// <param name="FinalShare">The last step's share of the peak.</param>
public sealed record LearningRateSchedule(double Peak, long WarmUpSteps, long TotalSteps, double FinalShare = 0.01)
{
    /// <summary>The learning rate of a step, counted from 0.</summary>
    public double At(long step)
    {
        if (step < WarmUpSteps) return Peak * (step + 1) / WarmUpSteps;
        double progress = TotalSteps - 1 <= WarmUpSteps ? 1 : Math.Min(1, (double)(step - WarmUpSteps) / (TotalSteps - 1 - WarmUpSteps));
        return Peak * (FinalShare + ((1 - FinalShare) * 0.5 * (1 + Math.Cos(Math.PI * progress))));
    }
}
