namespace EfficientNetSharp.Training.Torch;

/// <summary>Numbers that a training pass computes in.</summary>
public enum Precision
{
    /// <summary>32 bits, IEEE 754.</summary>
    Fp32,

    /// <summary>
    /// Maps, convolutions and their gradients in bfloat16 (8 bits of exponent, 7 of fraction); weights, normalisation statistics,
    /// classifier and loss in 32 bits.
    /// </summary>
    Bf16,
}
