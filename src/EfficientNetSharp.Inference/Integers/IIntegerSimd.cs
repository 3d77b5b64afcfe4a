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

    static abstract TInt Load(int* from);

    static abstract void Store(TInt value, int* to);

    static abstract TShort Load(short* from);

    static abstract void Store(TShort value, short* to);

    /// <summary>The two integers at a place, again and again.</summary>
    static abstract TShort BroadcastPair(short* from);

    /// <summary>a₀ · b₀ + a₁ · b₁ for each pair, added to the sums.</summary>
    static abstract TInt Dot(TInt sums, TShort a, TShort b);

    static abstract TInt Add(TInt a, TInt b);

    /// <summary>Integers of the first and the second in turn, for the first half of each 128 bits.</summary>
    static abstract TShort InterleaveLow(TShort a, TShort b);

    /// <summary>Integers of the first and the second in turn, for the second half of each 128 bits.</summary>
    static abstract TShort InterleaveHigh(TShort a, TShort b);

    /// <summary>Sums in interleaved order as 16-bit integers in their own.</summary>
    static abstract TShort Pack(TInt low, TInt high);

    /// <summary>The sums as float32 times factors, cut off at bounds and rounded half to even.</summary>
    static abstract TInt ScaleAndRound(TInt sums, float* factors, float min, float max);
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
