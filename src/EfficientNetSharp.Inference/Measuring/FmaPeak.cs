using System.Diagnostics;
using System.Runtime.CompilerServices;
using EfficientNetSharp.Vectors;

namespace EfficientNetSharp.Inference.Measuring;

/// <summary>What a core's multiply-adders can do: ten independent chains in registers, so that neither latency nor memory limits.</summary>
public static class FmaPeak
{
    private const int Turns = 100_000, Chains = 10;

    /// <summary>Measures one core for about a millisecond; take the largest of several, as whatever disturbs makes it smaller.</summary>
    /// <param name="level">The vectors.</param>
    /// <returns>Billions of operations per second, a multiply-add counted as two.</returns>
    public static double MeasureGigaflops(SimdLevel level)
    {
        var spin = default(Spin);
        SimdLevels.Choose(level, ref spin);
        return 2e-9 * Turns * Chains * spin.Lanes / spin.Elapsed.TotalSeconds;
    }

    private struct Spin : IVectorUser
    {
        public int Lanes { get; private set; }

        public TimeSpan Elapsed { get; private set; }

        public void Use<TSimd, TVector>()
            where TSimd : struct, ISimd<TVector>
            where TVector : struct
        {
            long start = Stopwatch.GetTimestamp();
            Run<TSimd, TVector>();
            (Lanes, Elapsed) = (TSimd.Lanes, Stopwatch.GetElapsedTime(start));
        }

        // Out of its caller's way, so that it begins and ends with the clock; the result keeps the chains from being left out.
        [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
        private static TVector Run<TSimd, TVector>()
            where TSimd : struct, ISimd<TVector>
            where TVector : struct
        {
            TVector x = TSimd.Broadcast(0.999f), y = TSimd.Broadcast(1e-3f);
            TVector a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y;
            for (int turn = 0; turn < Turns; turn++)
            {
                a = TSimd.MultiplyAdd(a, x, y);
                b = TSimd.MultiplyAdd(b, x, y);
                c = TSimd.MultiplyAdd(c, x, y);
                d = TSimd.MultiplyAdd(d, x, y);
                e = TSimd.MultiplyAdd(e, x, y);
                f = TSimd.MultiplyAdd(f, x, y);
                g = TSimd.MultiplyAdd(g, x, y);
                h = TSimd.MultiplyAdd(h, x, y);
                i = TSimd.MultiplyAdd(i, x, y);
                j = TSimd.MultiplyAdd(j, x, y);
            }

            TVector left = TSimd.Add(TSimd.Add(a, b), TSimd.Add(c, d)), right = TSimd.Add(TSimd.Add(e, f), TSimd.Add(g, h));
            return TSimd.Add(TSimd.Add(left, right), TSimd.Add(i, j));
        }
    }
}
