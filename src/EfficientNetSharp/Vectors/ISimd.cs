namespace EfficientNetSharp.Vectors;

/// <summary>
/// The few vector operations that the float32 kernels are written in. Kernels take the implementation as a type argument, so that the
/// compiler makes a version of each for each level, without calls.
/// </summary>
/// <typeparam name="TVector">The vector, such as <c>Vector256&lt;float&gt;</c>.</typeparam>
internal unsafe interface ISimd<TVector>
    where TVector : struct
{
    /// <summary>Values in a vector, a power of two.</summary>
    static abstract int Lanes { get; }

    /// <summary>Rows of the matrix product's largest tile of two vectors: as many as there are registers for.</summary>
    static abstract int TileRows { get; }

    /// <summary>Rows of the largest tile of one vector.</summary>
    static abstract int NarrowTileRows { get; }

    static abstract TVector Load(float* from);

    static abstract void Store(TVector value, float* to);

    static abstract TVector Broadcast(float value);

    static abstract TVector Add(TVector a, TVector b);

    static abstract TVector Subtract(TVector a, TVector b);

    static abstract TVector Multiply(TVector a, TVector b);

    /// <summary>a · b + c, rounded once where the machine can.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    /// <summary>The larger; NaN where either is.</summary>
    static abstract TVector Max(TVector a, TVector b);

    /// <summary>
    /// The larger of a value and a bound that is a number, NaN where the value is. As cheap as the machine has it, cheaper than
    /// <see cref="Max"/>.
    /// </summary>
    static abstract TVector MaxNative(TVector value, TVector bound);

    /// <summary>
    /// The smaller of a value and a bound that is a number, NaN where the value is. As cheap as the machine has it.
    /// </summary>
    static abstract TVector MinNative(TVector value, TVector bound);

    /// <summary>1 + e⁻ˣ for |x| ≤ 80; see <see cref="SigmoidDivisor"/>.</summary>
    static abstract TVector OnePlusExpOfNegative(TVector x);

    static abstract TVector Divide(TVector a, TVector b);

    /// <summary>Where x ≥ 0 the second, elsewhere, NaN included, the third.</summary>
    static abstract TVector SelectNonNegative(TVector x, TVector then, TVector otherwise);
}
