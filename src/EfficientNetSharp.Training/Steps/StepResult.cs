namespace EfficientNetSharp.Training.Steps;

/// <summary>What a step says of itself.</summary>
/// <param name="Loss">Mean loss of its images.</param>
/// <param name="MeasureSum">Sum of the task's measure over them, such as how many were right.</param>
/// <param name="GradientNorm">Euclidean length of the gradients before clipping.</param>
internal readonly record struct StepResult(double Loss, double MeasureSum, double GradientNorm);
