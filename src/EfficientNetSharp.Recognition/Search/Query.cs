using System.Runtime.InteropServices;
using EfficientNetSharp.Recognition.Embedded;

namespace EfficientNetSharp.Recognition.Search;

/// <summary>A query as the kernels read it: at a cache line, padded with zeros to a row's length.</summary>
internal sealed unsafe class Query : IDisposable
{
    private const double LargestShort = short.MaxValue, LargestSum = int.MaxValue - 65_536.0, LargestByte = 127;

    public Query(ReadOnlySpan<float> direction, BlockLayout layout)
    {
        Direction = direction.ToArray();
        bool isShort = layout.Precision == VectorPrecision.I8;
        nuint bytes = (nuint)layout.PaddedDimension * (isShort ? (nuint)sizeof(short) : sizeof(float));
        Pointer = NativeMemory.AlignedAlloc(bytes, BlockLayout.RowAlignment);
        NativeMemory.Clear(Pointer, bytes);
        if (!isShort)
        {
            direction.CopyTo(new Span<float>(Pointer, direction.Length));
            Scale = 1;
            return;
        }

        // 16 bits, since rows of 8 are widened to that on their way: the query adds nothing to what the rows were rounded by. No sum of
        // products with values up to 127 exceeds 32 bits.
        double max = 0, sum = 0;
        foreach (float value in direction)
        {
            max = Math.Max(max, Math.Abs(value));
            sum += Math.Abs((double)value);
        }

        double factor = Math.Min(LargestShort / max, LargestSum / (LargestByte * sum));
        var shorts = new Span<short>(Pointer, direction.Length);
        for (int i = 0; i < direction.Length; i++) shorts[i] = (short)Math.Round(direction[i] * factor, MidpointRounding.ToEven);
        Scale = (float)(1 / factor);
    }

    /// <summary>The query, of length 1.</summary>
    public float[] Direction { get; }

    /// <summary>Its values: 16-bit numbers for rows of 8 bits, else float32.</summary>
    public void* Pointer { get; private set; }

    /// <summary>What a sum of products is multiplied with besides the row's scale.</summary>
    public float Scale { get; }

    public void Dispose()
    {
        NativeMemory.AlignedFree(Pointer);
        Pointer = null;
    }
}
