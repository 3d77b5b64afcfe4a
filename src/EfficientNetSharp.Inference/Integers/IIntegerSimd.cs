namespace EfficientNetSharp.Inference.Integers;

/// <summary>
/// What integer kernels need of a machine's vectors: 16-bit integers whose products are summed in pairs to 32 bits. Vectors of 16-bit
/// integers are worked on as two of 32 bits in the order in which they are interleaved, see <see cref="IntegerOrder"/>.
/// </summary>
/// <typeparam name="TInt">A vector of 32-bit integers.</typeparam>
/// <typeparam name="TShort">A vector of 16-bit integers, twice as many.</typeparam>
internal unsafe interface IIntegerSimd<TInt, TShort>
    where TInt : struct
    where TShort : struct
{
    /// <summary>32-bit integers of a vector.</summary>
    static abstract int Lanes { get; }

    /// <summary>Rows of a tile whose sums, two vectors each, stay in registers.</summary>
    static abstract int TileRows { get; }

    /// <summary>Pixels of a depthwise convolution whose sums, two vectors each, stay in registers beside what they are made of.</summary>
    static abstract int DepthwisePixels { get; }

    /// <summary>Whether <see cref="RoundTwice"/>, <see cref="RoundShift"/> and <see cref="RoundOnce"/> are there.</summary>
    static abstract bool HasWideProducts { get; }

    static abstract TInt Load(int* from);

    static abstract void Store(TInt value, int* to);

    static abstract TShort Load(short* from);

    static abstract void Store(TShort value, short* to);

    static abstract TShort Broadcast(short value);

    static abstract TInt Broadcast(int value);

    /// <summary>The products of bytes that go with the vectors; <see langword="null"/> where the machine has none.</summary>
    static abstract ByteProducts? Bytes { get; }

    /// <summary>
    /// Whether one operation multiplies integers that lie side by side and sums their products, so that the weights of two inputs do;
    /// otherwise those of the second follow all of the first's. See <see cref="IntegerOrder.WeightAt"/>.
    /// </summary>
    static abstract bool HasPairProducts { get; }

    /// <summary>Adds the products of two inputs with the weights of a block's outputs.</summary>
    /// <param name="low">The first vector of the block's sums.</param>
    /// <param name="high">The second.</param>
    /// <param name="x">The two inputs.</param>
    /// <param name="first">The first half of the weights of both, see <see cref="IntegerOrder.WeightAt"/>.</param>
    /// <param name="second">The second half.</param>
    static abstract void AddProducts(ref TInt low, ref TInt high, short* x, TShort first, TShort second);

    /// <summary>Adds the products of each channel's two inputs with their weights.</summary>
    /// <param name="low">The first vector of the channels' sums.</param>
    /// <param name="high">The second.</param>
    /// <param name="x">The first inputs.</param>
    /// <param name="z">The second inputs.</param>
    /// <param name="first">The first half of the weights of both, see <see cref="IntegerOrder.WeightAt"/>.</param>
    /// <param name="second">The second half.</param>
    static abstract void AddProducts(ref TInt low, ref TInt high, TShort x, TShort z, TShort first, TShort second);

    /// <summary>The products of integers, in the order of sums.</summary>
    static abstract (TInt Low, TInt High) Multiply(TShort a, TShort b);

    /// <summary>The sums of two squares each, of whichever two integers, without a sign.</summary>
    static abstract TInt SquarePairs(TShort value);

    static abstract TInt Add(TInt a, TInt b);

    static abstract TInt ShiftLeft(TInt value, int bits);

    /// <summary>Bits, which are no numbers with a sign, shifted.</summary>
    static abstract TInt ShiftRight(TInt value, int bits);

    static abstract TInt Max(TInt a, TInt b);

    static abstract TInt Abs(TInt value);

    /// <summary>Whether a number of the vector is larger.</summary>
    static abstract bool AnyAbove(TInt value, int largest);

    static abstract TShort Add(TShort a, TShort b);

    static abstract TShort Subtract(TShort a, TShort b);

    static abstract TShort Max(TShort a, TShort b);

    static abstract TShort Clamp(TShort value, TShort min, TShort max);

    /// <summary>The 16-bit integers as two vectors of 32 bits, in interleaved order.</summary>
    static abstract (TInt Low, TInt High) Widen(TShort value);

    /// <summary>Sums in interleaved order as 16-bit integers in their own, cut off at 16 bits.</summary>
    static abstract TShort Pack(TInt low, TInt high);

    /// <summary>
    /// The sums as float32 times factors, rounded half to even; right where the result is within 16 bits, and beyond them on the same
    /// side.
    /// </summary>
    /// <param name="sums">The sums.</param>
    /// <param name="factors">The bits of float32 factors.</param>
    static abstract TInt RoundFactor(TInt sums, TInt factors);

    /// <summary>
    /// TensorFlow Lite's two roundings (<see cref="IntegerMath.RequantizationKind.DoubleRounding"/>), for shifts from 0 to 31.
    /// </summary>
    static abstract TInt RoundTwice(TInt sums, TInt multipliers, TInt shifts);

    /// <summary>The sums shifted and rounded once, half up: the highest of the bits that are lost is added.</summary>
    /// <param name="sums">The sums.</param>
    /// <param name="before">Shifts less 1; -1 where nothing is shifted.</param>
    /// <param name="shifts">Shifts.</param>
    static abstract TInt RoundShift(TInt sums, TInt before, TInt shifts);

    /// <summary>
    /// The product with multipliers, shifted and rounded once, half up; for shifts from 1 to 62 and results within 32 bits.
    /// </summary>
    /// <param name="sums">The sums.</param>
    /// <param name="multipliers">Multipliers.</param>
    /// <param name="shifts">
    /// Vectors of 64 bits, two for a vector of sums, in the order of <see cref="WideSums"/>: shifts; what is added before the shift; what
    /// is taken off after it. See <see cref="WideShifts"/>.
    /// </param>
    static abstract TInt RoundOnce(TInt sums, TInt multipliers, ulong* shifts);

    /// <summary>Adds sums to some of 64 bits, in the order of <see cref="WideSums"/>.</summary>
    static abstract void AddWide(TInt sums, long* wide);

    /// <summary>256 times high sums plus low ones, as sums of 64 bits in the order of <see cref="WideSums"/>.</summary>
    static abstract void StoreWide(TInt high, TInt low, long* wide);

    /// <summary>Sums without their lowest eight bits, in units of these, and these bits.</summary>
    static abstract (TInt High, TInt Low) Split(TInt sums);

    /// <summary>The upper eight bits of integers, signed, and the lower eight, unsigned.</summary>
    static abstract (TShort High, TShort Low) Split(TShort value);

    /// <summary>Sums of 64 bits with their biases, shifted and rounded once, half up, for results within 32 bits.</summary>
    /// <param name="wide">Sums in the order of <see cref="WideSums"/>.</param>
    /// <param name="bias">Biases in the same order.</param>
    /// <param name="shifts">As for <see cref="RoundOnce"/>.</param>
    static abstract TInt ShiftWide(long* wide, long* bias, ulong* shifts);

    /// <summary>
    /// (a · first + b · second) / output in float32, rounded as <see cref="RoundFactor"/>; the scales are bits of float32.
    /// </summary>
    static abstract TInt RoundSum(TInt a, TInt b, TInt first, TInt second, TInt output);

    /// <summary>Whether <see cref="Evaluate"/> is there.</summary>
    static abstract bool HasPolynomials { get; }

    /// <summary>The polynomials of 16-bit integers (<see cref="IntegerPolynomials{TSimd,TInt,TShort}"/>); may be done in place.</summary>
    /// <param name="x">The first block of two vectors of sums.</param>
    /// <param name="xStep">Integers to the next block.</param>
    /// <param name="y">Receives the results.</param>
    /// <param name="yStep">Integers to the next block of results.</param>
    /// <param name="blocks">Blocks.</param>
    /// <param name="segments">
    /// For each coefficient, from the highest on, those of all segments; the integers to be added; the distances from an integer from
    /// which on there is doubt.
    /// </param>
    /// <param name="entries">Results of all integers in the order of their bits, where those in doubt are looked up.</param>
    static abstract void Evaluate(short* x, nint xStep, short* y, nint yStep, int blocks, float* segments, short* entries);

    /// <summary>The entries of a table of 256 for two vectors of integers from 0 to 255.</summary>
    /// <param name="a">The first.</param>
    /// <param name="b">The second.</param>
    /// <param name="table">What <see cref="ArrangeTable"/> made of it.</param>
    static abstract (TShort A, TShort B) Lookup(TShort a, TShort b, short* table);

    /// <summary>
    /// A table of 256 in the order that <see cref="Lookup"/> reads; <see langword="null"/> where its entries are too far apart.
    /// </summary>
    static abstract short[]? ArrangeTable(ReadOnlySpan<short> table);
}

/// <summary>
/// The order of channels in which 32-bit sums lie: a vector of 16-bit integers, interleaved with another, comes as two vectors, and
/// packing these restores its order.
/// </summary>
internal static class IntegerOrder
{
    // Interleaving and packing work within 128 bits: eight channels as two fours.
    private const int Half = 4;

    /// <summary>The channel of a block that a sum belongs to.</summary>
    /// <param name="lanes">32-bit integers of a vector; a block has twice as many channels.</param>
    /// <param name="position">Position of the sum in the block: the first vector's, then the second's.</param>
    public static int ChannelAt(int lanes, int position)
    {
        int vector = position / lanes, lane = position % lanes;
        return (lane / Half * 2 * Half) + (vector * Half) + (lane % Half);
    }

    /// <summary>Where a weight lies among those of a pair of inputs with a block of outputs, which are two vectors.</summary>
    /// <param name="lanes">32-bit integers of a vector.</param>
    /// <param name="hasPairProducts">Whether weights of a pair lie side by side.</param>
    /// <param name="position">Position of the output's sum in the block.</param>
    /// <param name="input">The first or the second input: 0 or 1.</param>
    public static int WeightAt(int lanes, bool hasPairProducts, int position, int input) =>
        hasPairProducts ? (2 * position) + input : (2 * lanes * input) + position;

    /// <summary>Values by channel in the order of sums, whole blocks of them.</summary>
    /// <param name="values">One for each channel.</param>
    /// <param name="lanes">32-bit integers of a vector.</param>
    /// <param name="otherwise">What stands for channels that only fill a block.</param>
    public static T[] Arrange<T>(ReadOnlySpan<T> values, int lanes, T otherwise)
    {
        int block = 2 * lanes;
        var arranged = new T[(values.Length + block - 1) / block * block];
        for (int i = 0; i < arranged.Length; i++)
        {
            int channel = (i / block * block) + ChannelAt(lanes, i % block);
            arranged[i] = channel < values.Length ? values[channel] : otherwise;
        }

        return arranged;
    }
}
