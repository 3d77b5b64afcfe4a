using TorchSharp;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Torch;

/// <summary>
/// What is said often, over <see cref="Scalars"/>: arithmetic with numbers, and what TorchSharp computes with numbers of its own that
/// nothing holds, such as the factor 1 of a sum of tensors.
/// </summary>
internal static class TensorArithmetic
{
    public static Tensor Plus(this Tensor tensor, Tensor addend) => tensor.add(addend, Scalars.One);

    public static Tensor Plus(this Tensor tensor, double addend) => tensor.add(Scalars.Of(addend), Scalars.One);

    public static Tensor Plus(this Tensor tensor, long addend) => tensor.add(Scalars.Of(addend), Scalars.One);

    public static Tensor Minus(this Tensor tensor, double subtrahend) => tensor.sub(Scalars.Of(subtrahend));

    public static Tensor Minus(this Tensor tensor, long subtrahend) => tensor.sub(Scalars.Of(subtrahend));

    public static Tensor Times(this Tensor tensor, double factor) => tensor.mul(Scalars.Of(factor));

    public static Tensor Times(this Tensor tensor, long factor) => tensor.mul(Scalars.Of(factor));

    public static Tensor Over(this Tensor tensor, double divisor) => tensor.div(Scalars.Of(divisor));

    public static Tensor Over(this Tensor tensor, long divisor) => tensor.div(Scalars.Of(divisor));

    public static Tensor Squared(this Tensor tensor) => tensor.pow(Scalars.Two);

    /// <summary>The integers from 0 on.</summary>
    /// <param name="count">How many.</param>
    /// <param name="type">What they are stored as; 64-bit integers by default.</param>
    /// <param name="device">Where they lie; the host by default.</param>
    public static Tensor Range(long count, ScalarType? type = null, Device? device = null) =>
        arange(Scalars.Zero, Scalars.Of(count), Scalars.One, type, device);

    /// <summary>The one element of a tensor, on any device and of any type.</summary>
    public static double Number(this Tensor tensor)
    {
#pragma warning disable RS0030 // Held until it is disposed.
        using var scalar = tensor.ToScalar();
#pragma warning restore RS0030
        return scalar.ToDouble();
    }
}
