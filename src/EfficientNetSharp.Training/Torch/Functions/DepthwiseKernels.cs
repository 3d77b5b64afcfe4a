using System.Runtime.CompilerServices;
using EfficientNetSharp.Vectors;

namespace EfficientNetSharp.Training.Torch.Functions;

/// <summary>Some pixels of a row that share a pattern of taps: each is Σ input · weight over the taps, channel by channel.</summary>
internal unsafe struct DepthwisePixels : IVectorUser
{
    /// <summary>The pixels' inputs at distance 0.</summary>
    public float* Input;

    /// <summary>Values from one pixel's input to that of the next.</summary>
    public nint Step;

    /// <summary>The pixels' outputs.</summary>
    public float* Output;

    /// <summary>Values from one pixel's output to that of the next.</summary>
    public nint OutputStep;

    public int Pixels;
    public int Channels;

    /// <summary>For each tap, values from <see cref="Input"/> to what it weighs.</summary>
    public nint* Distances;

    /// <summary>For each tap, its weights [C].</summary>
    public float** Weights;

    public int Taps;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Use<TSimd, TVector>()
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        int lanes = TSimd.Lanes, channels = Channels, last = channels - lanes, taps = Taps;
        nint* distances = Distances;
        float** weights = Weights;
        float* input = Input, output = Output;
        nint step = Step, outputStep = OutputStep;
        int left = Pixels;
        // Pixels side by side share the loads of the weights, and their sums do not wait for each other.
        for (; left >= 4; left -= 4, input += 4 * step, output += 4 * outputStep)
        {
            for (int c = 0; c < channels; c += lanes)
            {
                int at = c < last ? c : last;
                float* x = input + at;
                TVector s0 = TSimd.Broadcast(0), s1 = s0, s2 = s0, s3 = s0;
                for (int tap = 0; tap < taps; tap++)
                {
                    var weight = TSimd.Load(weights[tap] + at);
                    float* from = x + distances[tap];
                    s0 = TSimd.MultiplyAdd(TSimd.Load(from), weight, s0);
                    s1 = TSimd.MultiplyAdd(TSimd.Load(from + step), weight, s1);
                    s2 = TSimd.MultiplyAdd(TSimd.Load(from + (2 * step)), weight, s2);
                    s3 = TSimd.MultiplyAdd(TSimd.Load(from + (3 * step)), weight, s3);
                }

                float* to = output + at;
                TSimd.Store(s0, to);
                TSimd.Store(s1, to + outputStep);
                TSimd.Store(s2, to + (2 * outputStep));
                TSimd.Store(s3, to + (3 * outputStep));
            }
        }

        for (; left > 0; left--, input += step, output += outputStep)
        {
            for (int c = 0; c < channels; c += lanes)
            {
                int at = c < last ? c : last;
                var sum = TSimd.Broadcast(0);
                for (int tap = 0; tap < taps; tap++)
                    sum = TSimd.MultiplyAdd(TSimd.Load(input + at + distances[tap]), TSimd.Load(weights[tap] + at), sum);
                TSimd.Store(sum, output + at);
            }
        }
    }
}

/// <summary>Adds one output row's part to the gradient of a depthwise kernel's row of taps.</summary>
internal unsafe struct DepthwiseWeightSums : IVectorUser
{
    /// <summary>The input row under the kernel's row.</summary>
    public float* Input;

    /// <summary>The output row's gradient.</summary>
    public float* Gradient;

    /// <summary>[taps of a row, C padded]: the sums, vector by vector.</summary>
    public float* Sums;

    public int Padded;
    public int Channels;
    public int Kernel;
    public int Stride;
    public int Pad;
    public int InputWidth;
    public int OutputWidth;

    /// <summary>Output columns under which all taps count: [first, end).</summary>
    public int FirstWhole, EndWhole;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Use<TSimd, TVector>()
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        int lanes = TSimd.Lanes, last = Channels - lanes;
        for (int c = 0, v = 0; c < Channels; c += lanes, v += lanes)
        {
            int at = c < last ? c : last;
            switch (Kernel)
            {
                case 3:
                    Whole3<TSimd, TVector>(at, Sums + v);
                    break;
                case 5:
                    Whole5<TSimd, TVector>(at, Sums + v);
                    break;
                default:
                    Edges<TSimd, TVector>(at, Sums + v, FirstWhole, EndWhole);
                    break;
            }

            Edges<TSimd, TVector>(at, Sums + v, 0, FirstWhole);
            Edges<TSimd, TVector>(at, Sums + v, EndWhole, OutputWidth);
        }
    }

    private readonly void Whole3<TSimd, TVector>(int at, float* sums)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        nint channels = Channels, step = Stride * channels;
        float* dy = Gradient + (FirstWhole * channels) + at, end = Gradient + (EndWhole * channels) + at;
        float* x = Input + (((nint)(FirstWhole * Stride) - Pad) * channels) + at;
        TVector s0 = TSimd.Load(sums), s1 = TSimd.Load(sums + Padded), s2 = TSimd.Load(sums + (2 * Padded));
        for (; dy < end; dy += channels, x += step)
        {
            var gradient = TSimd.Load(dy);
            s0 = TSimd.MultiplyAdd(TSimd.Load(x), gradient, s0);
            s1 = TSimd.MultiplyAdd(TSimd.Load(x + channels), gradient, s1);
            s2 = TSimd.MultiplyAdd(TSimd.Load(x + (2 * channels)), gradient, s2);
        }

        TSimd.Store(s0, sums);
        TSimd.Store(s1, sums + Padded);
        TSimd.Store(s2, sums + (2 * Padded));
    }

    private readonly void Whole5<TSimd, TVector>(int at, float* sums)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        nint channels = Channels, step = Stride * channels;
        float* dy = Gradient + (FirstWhole * channels) + at, end = Gradient + (EndWhole * channels) + at;
        float* x = Input + (((nint)(FirstWhole * Stride) - Pad) * channels) + at;
        TVector s0 = TSimd.Load(sums), s1 = TSimd.Load(sums + Padded), s2 = TSimd.Load(sums + (2 * Padded));
        TVector s3 = TSimd.Load(sums + (3 * Padded)), s4 = TSimd.Load(sums + (4 * Padded));
        for (; dy < end; dy += channels, x += step)
        {
            var gradient = TSimd.Load(dy);
            s0 = TSimd.MultiplyAdd(TSimd.Load(x), gradient, s0);
            s1 = TSimd.MultiplyAdd(TSimd.Load(x + channels), gradient, s1);
            s2 = TSimd.MultiplyAdd(TSimd.Load(x + (2 * channels)), gradient, s2);
            s3 = TSimd.MultiplyAdd(TSimd.Load(x + (3 * channels)), gradient, s3);
            s4 = TSimd.MultiplyAdd(TSimd.Load(x + (4 * channels)), gradient, s4);
        }

        TSimd.Store(s0, sums);
        TSimd.Store(s1, sums + Padded);
        TSimd.Store(s2, sums + (2 * Padded));
        TSimd.Store(s3, sums + (3 * Padded));
        TSimd.Store(s4, sums + (4 * Padded));
    }

    private readonly void Edges<TSimd, TVector>(int at, float* sums, int first, int end)
        where TSimd : struct, ISimd<TVector>
        where TVector : struct
    {
        for (int column = first; column < end; column++)
        {
            var gradient = TSimd.Load(Gradient + ((nint)column * Channels) + at);
            for (int tap = 0; tap < Kernel; tap++)
            {
                int from = (column * Stride) + tap - Pad;
                if (from < 0 || from >= InputWidth) continue;
                float* sum = sums + ((nint)tap * Padded);
                TSimd.Store(TSimd.MultiplyAdd(TSimd.Load(Input + ((nint)from * Channels) + at), gradient, TSimd.Load(sum)), sum);
            }
        }
    }
}
