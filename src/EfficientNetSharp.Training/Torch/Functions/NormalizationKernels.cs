using System.Runtime.CompilerServices;
using EfficientNetSharp.Vectors;

namespace EfficientNetSharp.Training.Torch.Functions;

/// <summary>
/// Rows [R,C] with channels innermost, gone through one after the other. Where C is no multiple of the lanes, the last vector of a row
/// overlaps the one before; sums lie vector by vector, so that the overlap counts once.
/// </summary>
internal static class Rows
{
    /// <summary>Room for the sums of a row in any vector width.</summary>
    public static int Padded(int channels) => channels + 16;

    /// <summary>Brings sums that lie vector by vector into the channels' order.</summary>
    public static unsafe void Unpack(float* sums, int channels, int lanes, float* to)
    {
        for (int c = 0, v = 0; c < channels; c += lanes, v += lanes)
        {
            int at = Math.Min(c, channels - lanes);
            new Span<float>(sums + v, lanes).CopyTo(new Span<float>(to + at, lanes));
        }
    }
}

/// <summary>A piece's means and centred squares of each channel.</summary>
internal unsafe struct MomentsOfRows : IVectorUser
{
    public float* X;
    public int Count;
    public int Channels;

    /// <summary>[C]: receives the means.</summary>
    public float* Means;

    /// <summary>[C]: receives Σ (x − mean)².</summary>
    public float* Squares;

    // Sums are of differences from the first row: so their squares do not cancel where a mean is large against its spread.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Use<TSimd, TVector>()
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        int lanes = TSimd.Lanes, channels = Channels, last = channels - lanes, padded = Rows.Padded(channels);
        float* sums = stackalloc float[2 * padded];
        float* squares = sums + padded;
        new Span<float>(sums, 2 * padded).Clear();
        var minus = TSimd.Broadcast(-1);
        float* x = X, first = X;
        for (int row = 0; row < Count; row++, x += channels)
        {
            float* s = sums, q = squares;
            for (int c = 0; c < channels; c += lanes, s += lanes, q += lanes)
            {
                int at = c < last ? c : last;
                var difference = TSimd.MultiplyAdd(TSimd.Load(first + at), minus, TSimd.Load(x + at));
                TSimd.Store(TSimd.Add(TSimd.Load(s), difference), s);
                TSimd.Store(TSimd.MultiplyAdd(difference, difference, TSimd.Load(q)), q);
            }
        }

        Rows.Unpack(sums, channels, lanes, Means);
        Rows.Unpack(squares, channels, lanes, Squares);
        for (int c = 0; c < channels; c++)
        {
            float mean = Means[c] / Count;
            Squares[c] -= mean * Means[c];
            Means[c] = first[c] + mean;
        }
    }
}

/// <summary>y = f(a·x + b) over a piece.</summary>
internal unsafe struct ScaledFunctionOfRows<TFunction> : IVectorUser
    where TFunction : struct, IDifferentiable
{
    public float* X;
    public float* Y;
    public int Count;
    public int Channels;
    public float* Scales;
    public float* Shifts;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Use<TSimd, TVector>()
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        int lanes = TSimd.Lanes, channels = Channels, last = channels - lanes;
        float* x = X, y = Y, a = Scales, b = Shifts;
        for (int row = 0; row < Count; row++, x += channels, y += channels)
        {
            for (int c = 0; c < channels; c += lanes)
            {
                int at = c < last ? c : last;
                var z = TSimd.MultiplyAdd(TSimd.Load(x + at), TSimd.Load(a + at), TSimd.Load(b + at));
                TSimd.Store(TFunction.Value<TSimd, TVector>(z), y + at);
            }
        }
    }
}

/// <summary>
/// The sums that the gradients of a normalisation are made of: Σ dz and Σ dz·(x − mean), with dz the gradient of a·x + b.
/// </summary>
internal unsafe struct GradientSumsOfRows<TFunction> : IVectorUser
    where TFunction : struct, IDifferentiable
{
    public float* X;
    public float* Gradient;
    public int Count;
    public int Channels;
    public float* Scales;
    public float* Shifts;
    public float* Means;

    /// <summary>[C]: receives Σ dz.</summary>
    public float* Sums;

    /// <summary>[C]: receives Σ dz·(x − mean).</summary>
    public float* Products;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Use<TSimd, TVector>()
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        int lanes = TSimd.Lanes, channels = Channels, last = channels - lanes, padded = Rows.Padded(channels);
        float* sums = stackalloc float[2 * padded];
        float* products = sums + padded;
        new Span<float>(sums, 2 * padded).Clear();
        var minus = TSimd.Broadcast(-1);
        float* x = X, dy = Gradient, a = Scales, b = Shifts, means = Means;
        for (int row = 0; row < Count; row++, x += channels, dy += channels)
        {
            float* s = sums, p = products;
            for (int c = 0; c < channels; c += lanes, s += lanes, p += lanes)
            {
                int at = c < last ? c : last;
                var value = TSimd.Load(x + at);
                var z = TSimd.MultiplyAdd(value, TSimd.Load(a + at), TSimd.Load(b + at));
                var dz = TFunction.Backward<TSimd, TVector>(z, TSimd.Load(dy + at));
                TSimd.Store(TSimd.Add(TSimd.Load(s), dz), s);
                var centred = TSimd.MultiplyAdd(TSimd.Load(means + at), minus, value);
                TSimd.Store(TSimd.MultiplyAdd(dz, centred, TSimd.Load(p)), p);
            }
        }

        Rows.Unpack(sums, channels, lanes, Sums);
        Rows.Unpack(products, channels, lanes, Products);
    }
}

/// <summary>The gradient of x over a piece: a·dz + p·x + q. It may be written over the gradient of y.</summary>
internal unsafe struct InputGradientOfRows<TFunction> : IVectorUser
    where TFunction : struct, IDifferentiable
{
    public float* X;
    public float* Gradient;
    public float* Result;
    public int Count;
    public int Channels;
    public float* Scales;
    public float* Shifts;

    /// <summary>[C]: p.</summary>
    public float* Slopes;

    /// <summary>[C]: q.</summary>
    public float* Offsets;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Use<TSimd, TVector>()
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        int lanes = TSimd.Lanes, channels = Channels, last = channels - lanes;
        float* x = X, dy = Gradient, dx = Result, a = Scales, b = Shifts, p = Slopes, q = Offsets;
        for (int row = 0; row < Count; row++, x += channels, dy += channels, dx += channels)
        {
            // The overlapping last vector is read before and written after the others: they may have changed what it needs.
            var end = At<TSimd, TVector>(x + last, dy + last, a + last, b + last, p + last, q + last);
            for (int c = 0; c < last; c += lanes) TSimd.Store(At<TSimd, TVector>(x + c, dy + c, a + c, b + c, p + c, q + c), dx + c);
            TSimd.Store(end, dx + last);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector At<TSimd, TVector>(float* x, float* dy, float* a, float* b, float* p, float* q)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        var value = TSimd.Load(x);
        var scale = TSimd.Load(a);
        var dz = TFunction.Backward<TSimd, TVector>(TSimd.MultiplyAdd(value, scale, TSimd.Load(b)), TSimd.Load(dy));
        return TSimd.MultiplyAdd(dz, scale, TSimd.MultiplyAdd(value, TSimd.Load(p), TSimd.Load(q)));
    }
}

/// <summary>
/// The way back where the statistics do not depend on the rows: the gradient of x over a piece is a·dz. In the same going-through the
/// sums Σ dz and Σ dz·(x − mean) that the gradients of scale and shift are made of.
/// </summary>
internal unsafe struct FixedGradientOfRows<TFunction> : IVectorUser
    where TFunction : struct, IDifferentiable
{
    public float* X;

    /// <summary>The gradient of y; it is overwritten by that of x.</summary>
    public float* Gradient;
    public int Count;
    public int Channels;
    public float* Scales;
    public float* Shifts;
    public float* Means;

    /// <summary>[C]: receives Σ dz.</summary>
    public float* Sums;

    /// <summary>[C]: receives Σ dz·(x − mean).</summary>
    public float* Products;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Use<TSimd, TVector>()
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        int lanes = TSimd.Lanes, channels = Channels, last = channels - lanes, padded = Rows.Padded(channels);
        float* sums = stackalloc float[2 * padded];
        float* products = sums + padded;
        new Span<float>(sums, 2 * padded).Clear();
        int lastSums = (channels - 1) / lanes * lanes;
        float* x = X, dy = Gradient;
        for (int row = 0; row < Count; row++, x += channels, dy += channels)
        {
            // The overlapping last vector is read before and written after the others: they change what it needs.
            var end = At<TSimd, TVector>(x, dy, last, sums + lastSums, products + lastSums);
            for (int c = 0; c < last; c += lanes) TSimd.Store(At<TSimd, TVector>(x, dy, c, sums + c, products + c), dy + c);
            TSimd.Store(end, dy + last);
        }

        Rows.Unpack(sums, channels, lanes, Sums);
        Rows.Unpack(products, channels, lanes, Products);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly TVector At<TSimd, TVector>(float* x, float* dy, int c, float* sums, float* products)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        var value = TSimd.Load(x + c);
        var scale = TSimd.Load(Scales + c);
        var dz = TFunction.Backward<TSimd, TVector>(TSimd.MultiplyAdd(value, scale, TSimd.Load(Shifts + c)), TSimd.Load(dy + c));
        TSimd.Store(TSimd.Add(TSimd.Load(sums), dz), sums);
        var centred = TSimd.MultiplyAdd(TSimd.Load(Means + c), TSimd.Broadcast(-1), value);
        TSimd.Store(TSimd.MultiplyAdd(dz, centred, TSimd.Load(products)), products);
        return TSimd.Multiply(dz, scale);
    }
}
