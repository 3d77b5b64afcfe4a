using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Inference.Layout;
using EfficientNetSharp.Inference.Steps;

namespace EfficientNetSharp.Inference.Integers;

/// <summary>Numbers rounded to integers, four at a time; <see cref="IntegerMath.IntegerRounding"/> is the definition.</summary>
/// <param name="quantization">What the integers stand for.</param>
/// <param name="arithmetic">The target's rules.</param>
internal sealed unsafe class Quantizer(ValueQuantization quantization, IntegerArithmetic arithmetic)
{
    private const int MantissaBits = 23;

    private readonly float _scale = quantization.Scale;

    // Of RKNN's scales that are powers of two, the reciprocal; 0 of all others.
    private readonly float _perPower = arithmetic == IntegerArithmetic.Rknn && float.IsNormal(quantization.Scale)
        && float.IsNormal(1 / quantization.Scale)
        && (BitConverter.SingleToInt32Bits(quantization.Scale) & ((1 << MantissaBits) - 1)) == 0 ? 1 / quantization.Scale : 0;

    private readonly int _min = quantization.Bounds(arithmetic).Min - quantization.ZeroPoint;
    private readonly int _max = quantization.Bounds(arithmetic).Max - quantization.ZeroPoint;

    /// <summary>The integers without the zero point; 0 for what is no number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector128<int> Round(Vector128<float> numbers)
    {
        numbers &= Vector128.Equals(numbers, numbers);
        if (arithmetic == IntegerArithmetic.Onnx)
        {
            // float32 all through, whose operator divides in the type of its input.
            var steps = Vector128.Round(numbers / Vector128.Create(_scale));
            return Vector128.ConvertToInt32Native(Clamp(steps, Vector128.Create((float)_min), Vector128.Create((float)_max)));
        }

        if (_perPower != 0)
        {
            // Exact in float32: the product, and what is above the whole steps.
            var steps = numbers * Vector128.Create(_perPower);
            var whole = Vector128.Floor(steps);
            whole += Vector128.GreaterThanOrEqual(steps - whole, Vector128.Create(0.5f)) & Vector128<float>.One;
            return Vector128.ConvertToInt32Native(Clamp(whole, Vector128.Create((float)_min), Vector128.Create((float)_max)));
        }

        var (low, high) = Vector128.Widen(numbers);
        return Rounded(low, high);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<T> Clamp<T>(Vector128<T> value, Vector128<T> min, Vector128<T> max) =>
        Vector128.MinNative(Vector128.MaxNative(value, min), max);

    // Not every machine has a conversion of doubles to 64 bits, and 32 are enough.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector128<int> Rounded(Vector128<double> low, Vector128<double> high)
    {
        (low, high) = (Round(low), Round(high));
        return Sse2.IsSupported
            ? Sse2.UnpackLow(
                Sse2.ConvertToVector128Int32WithTruncation(low).AsInt64(),
                Sse2.ConvertToVector128Int32WithTruncation(high).AsInt64()).AsInt32()
            : Vector128.Narrow(Vector128.ConvertToInt64Native(low), Vector128.ConvertToInt64Native(high));
    }

    // Whole steps, as doubles.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector128<double> Round(Vector128<double> numbers)
    {
        var steps = numbers / Vector128.Create((double)_scale);
        if (arithmetic == IntegerArithmetic.TfLite)
        {
            // Half away from zero; what is cut off is exact.
            var whole = Vector128.Truncate(steps);
            var isHalf = Vector128.GreaterThanOrEqual(Vector128.Abs(steps - whole), Vector128.Create(0.5));
            steps = whole + Vector128.ConditionalSelect(isHalf, Vector128.CopySign(Vector128<double>.One, steps), Vector128<double>.Zero);
        }
        else
        {
            steps = Vector128.Floor(steps + Vector128.Create(0.5));
        }

        return Clamp(steps, Vector128.Create((double)_min), Vector128.Create((double)_max));
    }
}

/// <summary>A map's numbers rounded to the integers that stand for them, without the zero point.</summary>
internal sealed unsafe class QuantizeStep(string name, Slot x, Slot y, Quantizer quantizer)
    : PlanStep(name, PlanStepKind.Layout, 0, [x], [y])
{
    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int WorkItems(int images, int threads) => images;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(in Frame frame, int item)
    {
        float* from = frame.At<float>(x, item);
        short* to = frame.At<short>(y, item);
        for (int pixel = 0; pixel < x.Positions; pixel++, from += x.Stride, to += y.Stride)
        {
            for (int c = 0; c < x.PaddedChannels; c += Vector128<float>.Count)
            {
                var rounded = quantizer.Round(Vector128.Load(from + c));
                Vector128.Narrow(rounded, rounded).GetLower().Store(to + c);
            }
        }
    }
}

/// <summary>The image's planes [C,H,W] rounded to integers, as pixels.</summary>
internal sealed unsafe class QuantizeImageStep(string name, Slot y, Quantizer quantizer)
    : PartedStep(name, PlanStepKind.Layout, 0, y.Height, [], [y])
{
    private const int ColorChannels = 3, PaddedColors = 4;

    // Pixels that are worked on in all planes, one after the other.
    private const int PixelsAtOnce = 512;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    protected override void Run(in Frame frame, int image, int firstRow, int endRow)
    {
        float* planes = frame.Input + ((nint)image * y.Channels * y.Positions);
        short* to = frame.At<short>(y, image);
        int end = endRow * y.Width;
        for (int first = firstRow * y.Width; first < end; first += PixelsAtOnce)
        {
            int count = Math.Min(PixelsAtOnce, end - first);
            if (y.Channels == ColorChannels && y.Stride == PaddedColors)
            {
                RunColors(planes + first, to + ((nint)first * y.Stride), count);
                continue;
            }

            for (int c = 0; c < y.Channels; c++)
                Run(planes + ((nint)c * y.Positions) + first, to + ((nint)first * y.Stride) + c, count);
        }
    }

    // Pixels of three channels that take four integers each.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void RunColors(float* from, short* to, int count)
    {
        float* second = from + y.Positions, third = second + y.Positions;
        int pixel = 0;
        for (; pixel + Vector128<float>.Count <= count; pixel += Vector128<float>.Count, to += Vector128<float>.Count * PaddedColors)
        {
            var (a, b, c) = (quantizer.Round(Vector128.Load(from + pixel)), quantizer.Round(Vector128.Load(second + pixel)),
                quantizer.Round(Vector128.Load(third + pixel)));

            // Two channels in 32 bits, four in 64.
            var low = ((a & Vector128.Create(0xFFFF)) | (b << 16)).AsUInt32();
            var high = (c & Vector128.Create(0xFFFF)).AsUInt32();
            (Vector128.WidenLower(low) | (Vector128.WidenLower(high) << 32)).Store((ulong*)to);
            (Vector128.WidenUpper(low) | (Vector128.WidenUpper(high) << 32)).Store((ulong*)to + Vector128<ulong>.Count);
        }

        for (; pixel < count; pixel++, to += PaddedColors)
        {
            to[0] = (short)quantizer.Round(Vector128.Create(from[pixel]))[0];
            to[1] = (short)quantizer.Round(Vector128.Create(second[pixel]))[0];
            to[2] = (short)quantizer.Round(Vector128.Create(third[pixel]))[0];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Run(float* from, short* to, int count)
    {
        nint stride = y.Stride;
        int pixel = 0;
        for (; pixel + Vector128<float>.Count <= count; pixel += Vector128<float>.Count, to += Vector128<float>.Count * stride)
        {
            var rounded = quantizer.Round(Vector128.Load(from + pixel));
            to[0] = (short)rounded[0];
            to[stride] = (short)rounded[1];
            to[2 * stride] = (short)rounded[2];
            to[3 * stride] = (short)rounded[3];
        }

        for (; pixel < count; pixel++, to += stride) *to = (short)quantizer.Round(Vector128.Create(from[pixel]))[0];
    }
}

/// <summary>Integers as the numbers that they stand for.</summary>
internal sealed unsafe class DequantizeStep(string name, Slot x, Slot y, float scale) : PlanStep(name, PlanStepKind.Layout, 0, [x], [y])
{
    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override int WorkItems(int images, int threads) => images;

    /// <inheritdoc />
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Run(in Frame frame, int item)
    {
        short* from = frame.At<short>(x, item);
        float* to = frame.At<float>(y, item);
        for (int pixel = 0; pixel < x.Positions; pixel++, from += x.Stride, to += y.Stride)
        {
            for (int c = 0; c < x.Channels; c++) to[c] = from[c] * scale;
            new Span<float>(to + x.Channels, y.PaddedChannels - x.Channels).Clear();
        }
    }
}
