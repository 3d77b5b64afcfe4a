namespace EfficientNetSharp.Training.Logging;

/// <summary>What is written down of a step.</summary>
/// <param name="Step">Its number over the whole run, from 0.</param>
/// <param name="Epoch">Its epoch, from 1.</param>
/// <param name="Loss">Mean loss of its images.</param>
/// <param name="LearningRate">Its learning rate.</param>
/// <param name="GradientNorm">Euclidean length of the gradients before clipping.</param>
public sealed record StepRecord(long Step, int Epoch, double Loss, double LearningRate, double GradientNorm);
