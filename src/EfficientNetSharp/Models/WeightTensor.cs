using System.Collections.Immutable;
using EfficientNetSharp.Arrays;

namespace EfficientNetSharp.Models;

/// <summary>
/// A tensor of float32 values, row-major, and how a file holds them. Where a file holds integers, the values are the numbers that they
/// stand for, and <see cref="Integers"/> has them as they are.
/// </summary>
public sealed class WeightTensor
{
    /// <summary>Wraps values; the array is not copied.</summary>
    /// <param name="shape">Dimensions.</param>
    /// <param name="values">The values.</param>
    /// <param name="storage">
    /// How a model file holds them: <see cref="ElementType.F32"/>, <see cref="ElementType.F16"/> or <see cref="ElementType.BF16"/>.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The number of values is not the product of the dimensions, or the storage is none of those.
    /// </exception>
    public WeightTensor(ImmutableArray<int> shape, float[] values, ElementType storage = ElementType.F32)
    {
        if (storage is not (ElementType.F32 or ElementType.F16 or ElementType.BF16))
            throw new ArgumentException($"Weights are stored as F32, F16 or BF16, not as {storage}.", nameof(storage));
        Storage = storage;
        ArgumentNullException.ThrowIfNull(values);
        long count = shape.Aggregate(1L, (product, dimension) => product * dimension);
        if (count != values.Length)
            throw new ArgumentException($"A tensor of shape [{string.Join(", ", shape)}] has {count} values, found {values.Length}.",
                nameof(values));
        Shape = shape;
        Values = values;
    }

    private WeightTensor(ImmutableArray<int> shape, float[] values, IntegerValues integers)
        : this(shape, values) => (Integers, Storage) = (integers, integers.Type);

    /// <summary>Wraps integers that stand for numbers: number = scale · (integer − zero point).</summary>
    /// <param name="shape">Dimensions.</param>
    /// <param name="integers">The integers; they are not copied.</param>
    /// <param name="scales">One scale, or one for each slice of the first dimension.</param>
    /// <param name="zeroPoint">The integer that stands for 0.</param>
    /// <exception cref="ArgumentException">The number of integers or of scales does not fit the dimensions.</exception>
    public static WeightTensor OfIntegers(
        ImmutableArray<int> shape, IntegerValues integers, ReadOnlySpan<float> scales, int zeroPoint = 0)
    {
        ArgumentNullException.ThrowIfNull(integers);
        if (scales.Length != 1 && (shape.IsEmpty || scales.Length != shape[0]))
            throw new ArgumentException($"One scale or one for each of the first dimension is expected, found {scales.Length}.",
                nameof(scales));
        var values = new float[integers.Length];
        int perScale = scales.Length == 1 ? Math.Max(values.Length, 1) : Math.Max(values.Length / scales.Length, 1);
        for (int i = 0; i < values.Length; i++) values[i] = (float)((double)scales[i / perScale] * (integers[i] - zeroPoint));
        return new WeightTensor(shape, values, integers);
    }

    /// <summary>Dimensions.</summary>
    public ImmutableArray<int> Shape { get; }

    /// <summary>The values.</summary>
    public float[] Values { get; }

    /// <summary>The integers that the values stand for; <see langword="null"/> where they are floats.</summary>
    public IntegerValues? Integers { get; }

    /// <summary>How a model file holds them. The values are those that come back from it.</summary>
    public ElementType Storage { get; }

    /// <summary>
    /// The tensor for another storage, its values rounded to what that holds. Integers stay what they are, but become float32 where that is
    /// asked for.
    /// </summary>
    /// <param name="storage"><see cref="ElementType.F32"/>, <see cref="ElementType.F16"/> or <see cref="ElementType.BF16"/>.</param>
    /// <exception cref="InvalidInputException">A finite value is too large for it.</exception>
    public WeightTensor StoredAs(ElementType storage)
    {
        if (storage == Storage || Integers is not null && storage != ElementType.F32) return this;
        if (storage == ElementType.F32) return new WeightTensor(Shape, Values);
        var rounded = new float[Values.Length];
        for (int i = 0; i < rounded.Length; i++)
        {
            rounded[i] = storage == ElementType.F16 ? (float)(Half)Values[i] : Float32Writer.RoundToBFloat16(Values[i]);
            if (!float.IsFinite(rounded[i]) && float.IsFinite(Values[i]))
                throw new InvalidInputException($"The weight {NumberText.Of(Values[i])} is too large for {storage}; keep float32 or use BF16.");
        }

        return new WeightTensor(Shape, rounded, storage);
    }
}
