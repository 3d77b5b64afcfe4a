using System.Runtime.CompilerServices;
using EfficientNetSharp.Vectors;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Torch.Functions;

/// <summary>What squeeze-excite does with whole channels, over maps with channels innermost.</summary>
internal static unsafe class ChannelFunctions
{
    /// <summary>The mean of each channel of each image.</summary>
    /// <param name="map">[N,C,H,W].</param>
    /// <returns>[N,C,1,1]; the caller disposes it.</returns>
    public static Tensor Means(Tensor map)
    {
        using var x = Maps.Innermost(map);
        var sizes = new Sizes(x);
        var means = Maps.New(sizes.Images, sizes.Channels, 1, 1);
        float* from = Maps.PointerOf(x), to = Maps.PointerOf(means);
        Pieces.Run(sizes.Images, image =>
        {
            var work = new SumsOfRows
            {
                X = from + (image * sizes.ImageLength), Factors = null, Count = sizes.Pixels, Channels = sizes.Channels,
                Sums = to + ((nint)image * sizes.Channels), Scale = 1f / sizes.Pixels,
            };
            VectorWidth.Choose(sizes.Channels, ref work);
        });
        return means;
    }

    /// <summary>y = x · gate, the gate [N,C,1,1] being the same for all pixels of a channel.</summary>
    /// <returns>[N,C,H,W]; the caller disposes it.</returns>
    public static Tensor Gated(Tensor map, Tensor gate)
    {
        using var x = Maps.Innermost(map);
        using var factors = Maps.Innermost(gate);
        var y = Maps.NewLike(x);
        Multiply(x, factors, null, y);
        return y;
    }

    /// <summary>The gradient of the gate: Σ over pixels of x · dy.</summary>
    /// <returns>[N,C,1,1]; the caller disposes it.</returns>
    public static Tensor GateGradient(Tensor x, Tensor gradient)
    {
        var sizes = new Sizes(x);
        var sums = Maps.New(sizes.Images, sizes.Channels, 1, 1);
        float* from = Maps.PointerOf(x), with = Maps.PointerOf(gradient), to = Maps.PointerOf(sums);
        Pieces.Run(sizes.Images, image =>
        {
            var work = new SumsOfRows
            {
                X = from + (image * sizes.ImageLength), Factors = with + (image * sizes.ImageLength), Count = sizes.Pixels,
                Channels = sizes.Channels, Sums = to + ((nint)image * sizes.Channels), Scale = 1,
            };
            VectorWidth.Choose(sizes.Channels, ref work);
        });
        return sums;
    }

    /// <summary>dx = dy · gate + shift; the result may lie over dy.</summary>
    /// <param name="gradient">[N,C,H,W] with channels innermost.</param>
    /// <param name="gate">[N,C,1,1]; 1 where <see langword="null"/>.</param>
    /// <param name="shift">[N,C,1,1]; 0 where <see langword="null"/>.</param>
    /// <param name="result">[N,C,H,W] with channels innermost.</param>
    public static void Multiply(Tensor gradient, Tensor? gate, Tensor? shift, Tensor result)
    {
        var sizes = new Sizes(gradient);
        float* from = Maps.PointerOf(gradient), to = Maps.PointerOf(result);
        float* factors = gate is null ? null : Maps.PointerOf(gate), offsets = shift is null ? null : Maps.PointerOf(shift);
        Pieces.Run(sizes.Images, image =>
        {
            var work = new LineOfRows
            {
                X = from + (image * sizes.ImageLength), Y = to + (image * sizes.ImageLength), Count = sizes.Pixels,
                    Channels = sizes.Channels,
                Factors = factors == null ? null : factors + ((nint)image * sizes.Channels),
                Offsets = offsets == null ? null : offsets + ((nint)image * sizes.Channels),
            };
            VectorWidth.Choose(sizes.Channels, ref work);
        });
    }

    private readonly struct Sizes
    {
        public Sizes(Tensor map)
        {
            long[] shape = map.shape;
            (Images, Channels, Pixels) = ((int)shape[0], (int)shape[1], (int)(shape[2] * shape[3]));
        }

        public int Images { get; }

        public int Channels { get; }

        public int Pixels { get; }

        public nint ImageLength => (nint)Channels * Pixels;
    }
}

/// <summary>Sums over rows [R,C], or of their products with other rows.</summary>
internal unsafe struct SumsOfRows : IVectorUser
{
    public float* X;

    /// <summary>[R,C] to multiply by; <see langword="null"/> for 1.</summary>
    public float* Factors;

    public int Count;
    public int Channels;

    /// <summary>[C]: receives the sums.</summary>
    public float* Sums;

    /// <summary>What the sums are multiplied by.</summary>
    public float Scale;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Use<TSimd, TVector>()
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        int lanes = TSimd.Lanes, channels = Channels, last = channels - lanes, padded = Rows.Padded(channels);
        float* sums = stackalloc float[padded];
        new Span<float>(sums, padded).Clear();
        float* x = X, f = Factors;
        for (int row = 0; row < Count; row++, x += channels, f += channels)
        {
            float* s = sums;
            for (int c = 0; c < channels; c += lanes, s += lanes)
            {
                int at = c < last ? c : last;
                var value = TSimd.Load(x + at);
                TSimd.Store(Factors == null ? TSimd.Add(TSimd.Load(s), value) : TSimd.MultiplyAdd(value, TSimd.Load(f + at), TSimd.Load(s)),
                    s);
            }
        }

        Rows.Unpack(sums, channels, lanes, Sums);
        for (int c = 0; c < channels; c++) Sums[c] *= Scale;
    }
}

/// <summary>y = x · factor + offset over rows [R,C], the same for each row. y may lie over x.</summary>
internal unsafe struct LineOfRows : IVectorUser
{
    public float* X;
    public float* Y;
    public int Count;
    public int Channels;

    /// <summary>[C]; 1 where <see langword="null"/>.</summary>
    public float* Factors;

    /// <summary>[C]; 0 where <see langword="null"/>.</summary>
    public float* Offsets;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Use<TSimd, TVector>()
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        int lanes = TSimd.Lanes, channels = Channels, last = channels - lanes;
        float* x = X, y = Y, a = Factors, b = Offsets;
        for (int row = 0; row < Count; row++, x += channels, y += channels)
        {
            // As in InputGradientOfRows: the last vector overlaps, and y may lie over x.
            var end = At<TSimd, TVector>(x, a, b, last);
            for (int c = 0; c < last; c += lanes) TSimd.Store(At<TSimd, TVector>(x, a, b, c), y + c);
            TSimd.Store(end, y + last);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector At<TSimd, TVector>(float* x, float* a, float* b, int c)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        var value = TSimd.Load(x + c);
        if (a != null) value = TSimd.Multiply(value, TSimd.Load(a + c));
        return b == null ? value : TSimd.Add(value, TSimd.Load(b + c));
    }
}
