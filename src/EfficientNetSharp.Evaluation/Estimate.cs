namespace EfficientNetSharp.Evaluation;

/// <summary>An interval that holds a value with some confidence.</summary>
/// <param name="Lower">The lower end.</param>
/// <param name="Upper">The upper end.</param>
public readonly record struct Interval(double Lower, double Upper);

/// <summary>A mean and how far it may be off.</summary>
/// <param name="Value">The value on the images at hand.</param>
/// <param name="Interval">
/// The middle 95 % of its values where classes are drawn anew with replacement: images of one class are not independent of each other.
/// </param>
public readonly record struct Estimate(double Value, Interval Interval);
