using System.Runtime.Intrinsics;
using EfficientNetSharp.Arrays;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Inference.Integers;
using EfficientNetSharp.Inference.Memory;
using EfficientNetSharp.IntegerMath;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Inference.Tests.Integers;

/// <summary>What vectors make of sums and of single integers, against the definitions, integer by integer.</summary>
public sealed unsafe class IntegerKernelTests
{
    private const int Rounds = 300, Pixels = 5;

    public static TheoryData<SimdLevel> Levels => [.. SimdLevels.Available];

    [Theory]
    [MemberData(nameof(Levels))]
    public void Sums_are_rounded_as_the_definition_says(SimdLevel level) => Choose(level, new RoundSums());

    [Theory]
    [MemberData(nameof(Levels))]
    public void Functions_of_16_bits_are_those_of_their_tables(SimdLevel level) => Choose(level, new LookUpFunctions());

    [Theory]
    [MemberData(nameof(Levels))]
    public void Pairs_are_summed_and_multiplied_as_the_definition_says(SimdLevel level) => Choose(level, new SumPairs());

    [Theory]
    [MemberData(nameof(Levels))]
    public void Products_are_sums_of_products(SimdLevel level) => Choose(level, new Multiply());

    [Theory]
    [MemberData(nameof(Levels))]
    public void Depthwise_sums_are_sums_of_products(SimdLevel level) => Choose(level, new Filter());

    private static void Choose(SimdLevel level, IKernelTest test)
    {
        if (level == SimdLevel.Vector512) test.Run<IntegerSimd512, Vector512<int>, Vector512<short>>();
        else if (level == SimdLevel.Vector256) test.Run<IntegerSimd256, Vector256<int>, Vector256<short>>();
        else test.Run<IntegerSimd128, Vector128<int>, Vector128<short>>();
    }

    // Of all magnitudes, the ends of 32 bits and what lies beside powers of two among them.
    private static long SumOf(ref SeededRandom random, int bits)
    {
        long sum = random.NextDouble() < 0.3
            ? (1L << (int)(random.NextDouble() * bits)) + (int)(random.NextDouble() * 3) - 1
            : (long)Math.Pow(2, random.NextDouble() * bits);
        sum = random.NextDouble() < 0.5 ? sum : -sum;
        return random.NextDouble() < 0.02 ? bits == 31 ? int.MinValue : -(1L << bits) : Math.Clamp(sum, -(1L << bits), (1L << bits) - 1);
    }

    private static Requantization RuleOf(ref SeededRandom random, int kind)
    {
        double factor = Math.Pow(2, (random.NextDouble() * 30) - 27);
        return kind switch
        {
            0 => Requantization.OfFloat((float)factor),
            1 => Requantization.OfDouble(factor),
            2 => Requantization.OfSingle(factor),
            _ => Requantization.OfSingle(Math.Pow(2, Math.Round(Math.Log2(factor)))),
        };
    }

    private interface IKernelTest
    {
        void Run<TSimd, TInt, TShort>()
            where TSimd : struct, IIntegerSimd<TInt, TShort>
            where TInt : struct
            where TShort : struct;
    }

    private sealed class RoundSums : IKernelTest
    {
        private const long MaxParts = (long)PartSums.Largest - (1 << 20);

        public void Run<TSimd, TInt, TShort>()
            where TSimd : struct, IIntegerSimd<TInt, TShort>
            where TInt : struct
            where TShort : struct
        {
            int block = 2 * TSimd.Lanes;
            var sums = new AlignedBuffer<int>(Pixels * block);
            var wide = new AlignedBuffer<long>(Pixels * block);
            AlignedBuffer<int> high = new(Pixels * block), low = new(Pixels * block);
            var results = new AlignedBuffer<short>(Pixels * block);
            var random = new SeededRandom(7);
            for (int round = 0; round < Rounds; round++)
            {
                var rules = new Requantization[block];
                bool isUniform = random.NextDouble() < 0.3;
                for (int c = 0; c < block; c++) rules[c] = isUniform && c > 0 ? rules[0] : RuleOf(ref random, round % 4);
                var (min, max) = random.NextDouble() < 0.5 ? (short.MinValue, short.MaxValue) : (-100, 155);
                long[] bias = [.. Enumerable.Range(0, block).Select(_ => random.NextDouble() < 0.5 ? 0L : 12345)];
                var epilogue = new IntegerEpilogue<TSimd, TInt, TShort>(rules, bias, (min, max), 1L << 46, null);

                var expected = new short[Pixels * block];
                bool isWide = round % 8 >= 4;
                for (int i = 0; i < Pixels * block; i++)
                {
                    int channel = IntegerOrder.ChannelAt(TSimd.Lanes, i % block), to = (i / block * block) + channel;
                    long sum = SumOf(ref random, isWide ? 45 : 31);
                    if (!isWide) sums.Span[i] = unchecked((int)(sum - bias[channel]));
                    wide.Span[i - (i % block) + WideSums.IndexOf(i % block, TSimd.Lanes)] = sum - bias[channel];

                    // Two roundings are of 32 bits.
                    expected[to] = (short)Math.Clamp(rules[channel].Apply(sum), min, max);
                }

                if (isWide) epilogue.Run(wide.Pointer, Pixels, 0, results.Pointer, block);
                else epilogue.Run(sums.Pointer, Pixels, 0, results.Pointer, block);
                Assert.Equal(expected, results.Span.ToArray());
                if (!epilogue.TakesParts) continue;

                // The same sums in parts, of which the lowest bits carry.
                for (int i = 0; i < Pixels * block; i++)
                {
                    int inBlock = WideSums.IndexOf(i % block, TSimd.Lanes);
                    long sum = isWide ? Math.Clamp(wide.Span[i - (i % block) + inBlock], -MaxParts, MaxParts) : sums.Span[i];
                    int carried = (int)(random.NextDouble() * 9);
                    high.Span[i] = (int)(sum >> PartSums.Bits) - carried;
                    low.Span[i] = (int)(sum - ((long)high.Span[i] << PartSums.Bits));
                    int channel = IntegerOrder.ChannelAt(TSimd.Lanes, i % block);
                    expected[(i / block * block) + channel] = (short)Math.Clamp(rules[channel].Apply(sum + bias[channel]), min, max);
                }

                epilogue.Run(high.Pointer, low.Pointer, Pixels, 0, results.Pointer, block);
                Assert.Equal(expected, results.Span.ToArray());
            }
        }
    }

    // Weights of each type, most at their ends, with inputs of 8 and 16 bits: in bytes, those that the machine has operations for and
    // signed ones by the definition, and in pairs, with sums of 32 bits and of more, which the inputs that there are may reach or not.
    // Some inputs are like an output's weights, so that their sum is as large as it can be.
    private sealed class Multiply : IKernelTest
    {
        private static readonly (int Min, int Max)[] WeightRanges = [(-128, 127), (-100, 155), (-32767, 32767), (-3, 3)];
        private static readonly (int Lowest, int Highest)[] InputRanges =
            [(0, 255), (-128, 127), (-200, 55), (-32768, 32767), (-300, 32767)];
        private static readonly int[] Inputs = [1, 2, 7, 16, 33, 150, 600, 1500];
        private static readonly int[] Divisors = [1, 6, 40];

        public void Run<TSimd, TInt, TShort>()
            where TSimd : struct, IIntegerSimd<TInt, TShort>
            where TInt : struct
            where TShort : struct
        {
            var random = new SeededRandom(10);
            foreach (var (min, max) in WeightRanges)
            foreach (var range in InputRanges)
            foreach (int inputs in Inputs)
            foreach (int divisor in range.Highest > byte.MaxValue ? Divisors : [1])
            foreach (var products in range.Highest > byte.MaxValue ? [null] : ProductsOf<TSimd, TInt, TShort>())
            {
                int outputs = 1 + (int)(random.NextDouble() * 70), rows = 1 + (int)(random.NextDouble() * 40), block = 2 * TSimd.Lanes;
                int xStride = (inputs + block - 1) / block * block, yStride = (outputs + block - 1) / block * block;
                long[] weights = Draw(outputs * inputs, min, max, ref random);
                long[] x = Draw(rows * inputs, range.Lowest, range.Highest, ref random);
                for (int row = 0; row < rows; row += 3)
                for (int i = 0; i < inputs; i++)
                    x[(row * inputs) + i] = Math.Clamp(weights[(row % outputs * inputs) + i], range.Lowest, range.Highest);
                for (int i = 0; i < x.Length; i++) x[i] /= divisor;
                long[] bias = [.. Enumerable.Range(0, outputs).Select(_ => (long)((random.NextDouble() - 0.5) * 1e6))];
                var rule = Requantization.OfSingle(Math.Pow(2, -8 - (int)(random.NextDouble() * 14)));
                var matrix = IntegerMatrix.Pack<TSimd, TInt, TShort>(
                    (output, i) => weights[(output * inputs) + i], outputs, inputs, bias, range, products);
                var epilogue = new IntegerEpilogue<TSimd, TInt, TShort>(
                    [.. Enumerable.Repeat(rule, outputs)], matrix.Bias, (short.MinValue, short.MaxValue), matrix.LargestSum, null);
                var product = new IntegerProduct<TSimd, TInt, TShort>(matrix, epilogue);

                AlignedBuffer<short> from = new(rows * xStride), y = new(rows * yStride);
                for (int i = 0; i < x.Length; i++) from.Span[(i / inputs * xStride) + (i % inputs)] = (short)x[i];
                AlignedBuffer<byte> scratch = new(product.ScratchBytes), packed = new(product.PackedBytes(rows));
                var operands = new IntegerRows
                {
                    X = (byte*)from.Pointer, RowBytes = (nint)xStride * sizeof(short), Count = rows, PassRows = rows, YStride = yStride,
                    Scratch = scratch.Pointer,
                };
                product.Pack(ref operands, packed.Pointer);
                for (int i = 0; i < matrix.Blocks; i++)
                {
                    operands.Y = y.Pointer + (i * block);
                    product.Run(operands, i);
                }

                for (int row = 0; row < rows; row++)
                for (int output = 0; output < outputs; output++)
                {
                    long sum = bias[output];
                    for (int i = 0; i < inputs; i++) sum += x[(row * inputs) + i] * weights[(output * inputs) + i];
                    Assert.Equal((short)Math.Clamp(rule.Apply(sum), short.MinValue, short.MaxValue), y.Span[(row * yStride) + output]);
                }
            }
        }

        private static ByteProducts?[] ProductsOf<TSimd, TInt, TShort>()
            where TSimd : struct, IIntegerSimd<TInt, TShort>
            where TInt : struct
            where TShort : struct
        {
            ByteProducts?[] all = [null, TSimd.Bytes, new ByteProducts<DefinedBytes, Vector128<int>, Vector128<sbyte>>()];
            return [.. all.Distinct()];
        }

        private static long[] Draw(int count, int min, int max, ref SeededRandom random)
        {
            long[] values = new long[count];
            double low = random.NextDouble();
            for (int i = 0; i < count; i++)
            {
                bool isBetween = random.NextDouble() < 0.2;
                values[i] = isBetween ? min + (long)(random.NextDouble() * (max - min + 1)) : random.NextDouble() < low ? min : max;
            }

            return values;
        }
    }

    // What a machine with a dot product of signed bytes does, whose operation is the definition here.
    private readonly struct DefinedBytes : IByteProducts<Vector128<int>, Vector128<sbyte>>
    {
        public static int Lanes => DotProductBytes.Lanes;

        public static int Rows => DotProductBytes.Rows;

        public static int LowestByte => DotProductBytes.LowestByte;

        public static void Pack(short* x, nint stride, int rows, int lowest, byte* to, int rowBytes) =>
            DotProductBytes.Pack(x, stride, rows, lowest, to, rowBytes);

        public static Vector128<sbyte> Load(byte* from) => DotProductBytes.Load(from);

        public static void AddProducts(
            ref Vector128<int> low, ref Vector128<int> high, byte* x, Vector128<sbyte> first, Vector128<sbyte> second)
        {
            low += Products((sbyte*)x, first);
            high += Products((sbyte*)x, second);
        }

        public static Vector128<int> Add(Vector128<int> a, Vector128<int> b) => DotProductBytes.Add(a, b);

        public static void Store(Vector128<int> value, int* to) => DotProductBytes.Store(value, to);

        private static Vector128<int> Products(sbyte* x, Vector128<sbyte> weights)
        {
            var sums = Vector128<int>.Zero;
            for (int lane = 0; lane < Lanes; lane++)
            {
                int sum = 0;
                for (int i = 0; i < ByteProducts.AtOnce; i++) sum += x[i] * weights[(lane * ByteProducts.AtOnce) + i];
                sums = sums.WithElement(lane, sum);
            }

            return sums;
        }
    }

    // Taps of each channel by themselves, whose inputs lie behind each other: sums of 32 bits, in parts and of more, with the highest
    // inputs known and unknown.
    private sealed class Filter : IKernelTest
    {
        private const int Pixels = 11;

        public void Run<TSimd, TInt, TShort>()
            where TSimd : struct, IIntegerSimd<TInt, TShort>
            where TInt : struct
            where TShort : struct
        {
            var random = new SeededRandom(11);
            int block = 2 * TSimd.Lanes, channels = block - 1;
            foreach (int taps in new[] { 1, 9, 25, 49 })
            foreach (int largestWeight in new[] { 127, 4000, 16000, 32767 })
            foreach (int highest in new[] { 255, 3000, 12000, 32767 })
            foreach (bool isKnown in new[] { true, false })
            {
                int lowest = random.NextDouble() < 0.5 ? -300 : -32768;
                long[] weights = [.. Enumerable.Range(0, channels * taps).Select(_ => End(-largestWeight, largestWeight, ref random))];
                long[] bias = [.. Enumerable.Range(0, channels).Select(_ => (long)((random.NextDouble() - 0.5) * 1e9))];
                var rule = Requantization.OfSingle(Math.Pow(2, -9 - (int)(random.NextDouble() * 12)));
                var depthwise = new IntegerDepthwise<TSimd, TInt, TShort>(
                    (channel, tap) => weights[(channel * taps) + tap], channels, taps, bias, (lowest, short.MaxValue),
                    largest => new([.. Enumerable.Repeat(rule, channels)], bias, (short.MinValue, short.MaxValue), largest, null));

                AlignedBuffer<short> x = new((Pixels + taps + 1) * block), y = new(Pixels * block), known = new(block);
                for (int i = 0; i < x.Length; i++)
                {
                    x.Span[i] = (short)End(lowest, highest, ref random);
                    known.Span[i % block] = Math.Max(known.Span[i % block], x.Span[i]);
                }

                var pointers = new AlignedBuffer<IntegerTap>(taps + 1);
                for (int tap = 0; tap <= taps; tap++) pointers.Span[tap] = new IntegerTap { X = x.Pointer + (tap * block), Step = block };
                var sums = new AlignedBuffer<byte>(IntegerDepthwise<TSimd, TInt, TShort>.ScratchBytes);
                depthwise.Run(
                    pointers.Pointer, 0, Pixels, 0, y.Pointer, block, (int*)sums.Pointer, isKnown ? known.Pointer : null);
                for (int pixel = 0; pixel < Pixels; pixel++)
                for (int channel = 0; channel < channels; channel++)
                {
                    long sum = bias[channel];
                    for (int tap = 0; tap < taps; tap++)
                        sum += weights[(channel * taps) + tap] * x.Span[((pixel + tap) * block) + channel];
                    Assert.Equal((short)Math.Clamp(rule.Apply(sum), short.MinValue, short.MaxValue), y.Span[(pixel * block) + channel]);
                }
            }
        }

        // An end as often as not.
        private static long End(int min, int max, ref SeededRandom random)
        {
            double at = random.NextDouble();
            return at < 0.25 ? min : at > 0.75 ? max : min + (long)(random.NextDouble() * (max - min + 1));
        }
    }

    private sealed class LookUpFunctions : IKernelTest
    {
        public void Run<TSimd, TInt, TShort>()
            where TSimd : struct, IIntegerSimd<TInt, TShort>
            where TInt : struct
            where TShort : struct
        {
            var random = new SeededRandom(8);
            var integers = new AlignedBuffer<short>(1 << 16);
            var results = new AlignedBuffer<short>(1 << 16);
            for (int i = 0; i < integers.Length; i++) integers.Span[i] = (short)(i + short.MinValue);
            foreach (var arithmetic in Enum.GetValues<IntegerArithmetic>())
            foreach (var kind in Enum.GetValues<ActivationKind>().Where(kind => kind != ActivationKind.PRelu))
            {
                // Ranges from a thousandth to thousands; results of fewer bits and of too many among them.
                float range = (float)Math.Pow(2, (random.NextDouble() * 22) - 10);
                float outputs = (float)(range * Math.Pow(2, (random.NextDouble() * 6) - 3));
                var input = new ValueQuantization(ElementType.I16, range / short.MaxValue);
                var output = random.NextDouble() < 0.3
                    ? new ValueQuantization(ElementType.U8, outputs / 255, 100)
                    : new ValueQuantization(ElementType.I16, outputs / short.MaxValue);
                int[] table = FunctionTable.Of(kind, input, output, arithmetic);
                short[] expected = [.. table.Select(value => (short)(value - output.ZeroPoint))];
                var function = new IntegerTable<TSimd, TInt, TShort>([expected], short.MinValue, (kind, input.Scale, output.Scale));
                const int columns = 1024;
                function.Apply(integers.Pointer, columns, results.Pointer, columns, expected.Length / columns, 0, columns);
                Assert.Equal(expected, results.Span.ToArray());
            }
        }
    }

    private sealed class SumPairs : IKernelTest
    {
        public void Run<TSimd, TInt, TShort>()
            where TSimd : struct, IIntegerSimd<TInt, TShort>
            where TInt : struct
            where TShort : struct
        {
            var random = new SeededRandom(9);
            const int count = 1024;
            AlignedBuffer<short> a = new(count), b = new(count), y = new(count);
            for (int round = 0; round < Rounds; round++)
            foreach (var arithmetic in Enum.GetValues<IntegerArithmetic>())
            {
                var (first, second, output) = (Value(arithmetic, ref random), Value(arithmetic, ref random), Value(arithmetic, ref random));
                var (min, max) = output.Bounds(arithmetic);
                for (int i = 0; i < count; i++) (a.Span[i], b.Span[i]) = (Integer(first, ref random), Integer(second, ref random));

                IntegerSums.For<TSimd, TInt, TShort>(arithmetic, first, second, output).Run(RowsOf(a, b, y));
                var sum = new IntegerSum(arithmetic, first, second, output);
                for (int i = 0; i < count; i++)
                    Assert.Equal(sum.Apply(a.Span[i] + first.ZeroPoint, b.Span[i] + second.ZeroPoint), y.Span[i] + output.ZeroPoint);

                var rule = Requantization.OfProduct(arithmetic, first.Scale, second.Scale, output.Scale);
                long largest = (long)IntegerSums.LargestOf(first) * IntegerSums.LargestOf(second);
                new IntegerProducts<TSimd, TInt, TShort>(rule, (min - output.ZeroPoint, max - output.ZeroPoint), largest)
                    .Run(RowsOf(a, b, y));
                for (int i = 0; i < count; i++)
                {
                    long steps = rule.Apply((long)a.Span[i] * b.Span[i]);
                    Assert.Equal(IntegerRounding.Saturate(steps, output, arithmetic), y.Span[i] + output.ZeroPoint);
                }
            }
        }

        private static PairRows RowsOf(AlignedBuffer<short> a, AlignedBuffer<short> b, AlignedBuffer<short> y)
        {
            const int channels = 256;
            return new PairRows
            {
                A = a.Pointer, AStride = channels, B = b.Pointer, BStride = channels, Y = y.Pointer, YStride = channels,
                Count = (int)a.Length / channels, Channels = channels,
            };
        }

        private static ValueQuantization Value(IntegerArithmetic arithmetic, ref SeededRandom random)
        {
            float scale = (float)Math.Pow(2, (random.NextDouble() * 8) - 9);
            bool isWide = random.NextDouble() < 0.3;
            if (arithmetic == IntegerArithmetic.Rknn && random.NextDouble() < 0.5)
                return new ValueQuantization(isWide ? ElementType.I16 : ElementType.I8, (float)Math.Pow(2, Math.Round(Math.Log2(scale))));
            if (isWide && arithmetic != IntegerArithmetic.Rknn) return new ValueQuantization(ElementType.I16, scale / 256);
            return new ValueQuantization(ElementType.U8, scale, (int)(random.NextDouble() * 256));
        }

        private static short Integer(ValueQuantization value, ref SeededRandom random)
        {
            var (min, max) = value.Bounds(IntegerArithmetic.Onnx);
            double at = random.NextDouble();
            return (short)((at < 0.05 ? min : at > 0.95 ? max : min + (int)(random.NextDouble() * (max - min + 1))) - value.ZeroPoint);
        }
    }
}
