namespace EfficientNetSharp.Quantization.Calibration;

/// <summary>The numbers that a value's integers are to hold.</summary>
/// <param name="Min">The lowest.</param>
/// <param name="Max">The highest.</param>
public readonly record struct ValueRange(float Min, float Max);
