using EfficientNetSharp.Randomness;
using EfficientNetSharp.Running;
using EfficientNetSharp.Testing;
using EfficientNetSharp.Testing.IntegerMath;
using EfficientNetSharp.Testing.TfLite;
using EfficientNetSharp.Tests.Files;
using EfficientNetSharp.Weights.TfLite;

namespace EfficientNetSharp.Weights.Tests;

/// <summary>
/// Files of few operators with settings that no generated network has, held against TensorFlow Lite's definitions, channels last as there:
/// they are read rightly or refused in a line.
/// </summary>
public sealed class TfLiteOperatorTests : IDisposable
{
    private const int AveragePool = 1, MaxPool = 17, Relu = 19, Reshape = 22, Pad = 34, Mean = 40, PRelu = 54, PadV2 = 60;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // Windows of all sizes, larger than the map too, any steps, SAME and VALID, fused functions, floats and integers.
    [Fact]
    public void Poolings_are_as_defined_or_refused()
    {
        int read = 0, refused = 0;
        for (int seed = 0; seed < 600; seed++)
        {
            var random = new SeededRandom((ulong)seed, 17);
            int height = 1 + random.NextInt(6), width = 1 + random.NextInt(6), channels = 1 + random.NextInt(3);
            sbyte type = new[] { TfLiteWriter.Float32, TfLiteWriter.UInt8, TfLiteWriter.Int8, TfLiteWriter.Int16 }[random.NextInt(4)];
            int zero = type == TfLiteWriter.UInt8 ? 100 : type == TfLiteWriter.Int8 ? -20 : 0;
            int code = random.NextInt(3) == 0 ? MaxPool : AveragePool, padding = random.NextInt(2);
            int kernel = 1 + random.NextInt(8), step = 1 + random.NextInt(4), function = new[] { 0, 0, 1, 3 }[random.NextInt(4)];
            bool isOblong = random.NextInt(5) == 0;
            var window = (Width: isOblong ? 1 + random.NextInt(8) : kernel, Height: kernel);
            var steps = (Across: random.NextInt(6) == 0 ? 1 + random.NextInt(4) : step, Down: step);
            int rows = Length(height, kernel, steps.Down), columns = Length(width, window.Width, steps.Across);

            var file = new TfLiteWriter();
            int image = Value(file, "image", [1, height, width, channels], type, zero);
            int y = Value(file, "y", [1, Math.Max(rows, 0), Math.Max(columns, 0), channels], type, zero);
            file.Pool(code, image, y, padding, steps, window, function);
            if (rows <= 0 || columns <= 0)
            {
                Assert.StartsWith($"'{_folder["x.tflite"]}' cannot be read", Message(file, image, y), StringComparison.Ordinal);
                refused++;
                continue;
            }

            bool seesAll = code == AveragePool && rows == 1 && columns == 1 && kernel >= height && window.Width >= width;
            if ((window.Width != kernel || steps.Across != steps.Down) && !seesAll)
            {
                Assert.Contains("oblong", Message(file, image, y), StringComparison.Ordinal);
                refused++;
                continue;
            }

            // In steps of the scale, which is 0.5.
            int[] pixels = [.. Enumerable.Range(0, height * width * channels).Select(_ => random.NextInt(100) - 40)];
            double[] expected = new double[rows * columns * channels];
            for (int i = 0; i < expected.Length; i++)
            {
                int c = i % channels, column = i / channels % columns, row = i / channels / columns;
                var seen = new List<int>();
                for (int h = Start(row, height, rows, kernel, steps.Down), endH = h + kernel; h < endH; h++)
                for (int w = Start(column, width, columns, window.Width, steps.Across), endW = w + window.Width; w < endW; w++)
                    if (h >= 0 && h < height && w >= 0 && w < width) seen.Add(pixels[(((h * width) + w) * channels) + c]);
                // TensorFlow Lite divides the sum of the integers as they are, rounded half away from zero.
                double mean = type == TfLiteWriter.Float32 ? seen.Average()
                    : Math.Round(seen.Sum(value => value + zero) / (double)seen.Count, MidpointRounding.AwayFromZero) - zero;
                double number = 0.5 * (code == MaxPool ? seen.Max() : mean);
                expected[i] = function == 0 ? number : Math.Clamp(number, 0, function == 1 ? double.MaxValue : 6);
            }

            AssertNear(expected, Numbers(Read(file, image, y), pixels, channels), channels, $"pool {seed}");
            read++;

            int Length(int length, int size, int by) => padding == 0 ? (length + by - 1) / by : (length - size + by) / by;
            int Start(int at, int length, int count, int size, int by) =>
                (at * by) - (padding == 0 ? Math.Max(((count - 1) * by) + size - length, 0) / 2 : 0);
        }

        Assert.True(read > 250 && refused > 50, $"{read} read, {refused} refused");
    }

    // By a convolution, which takes it as its own, by a pooling, and by another padding; and as the output.
    [Theory]
    [InlineData(TfLiteWriter.Int32)]
    [InlineData(TfLiteWriter.Int64)]
    public void Padding_is_seen_by_all_who_take_it(sbyte sidesType)
    {
        foreach (bool poolsFirst in new[] { false, true })
        foreach (sbyte type in new[] { TfLiteWriter.Float32, TfLiteWriter.UInt8 })
        {
            var file = new TfLiteWriter();
            int image = Value(file, "image", [1, 2, 3, 1], type, 10);
            int padded = Value(file, "padded", [1, 4, 6, 1], type, 10);
            file.Operator(Pad, [image, Sides(file, sidesType, 1, 1, 2, 1)], padded);
            int kernel = type == TfLiteWriter.Float32
                ? file.Constant("kernel", [1, 2, 2, 1], type, TfLiteWriter.Floats(1, 1, 1, 1))
                : file.Constant("kernel", [1, 2, 2, 1], type, [1, 1, 1, 1], [1], [0]);
            int sums = Value(file, "sums", [1, 3, 5, 1], type, 10), highest = Value(file, "highest", [1, 3, 5, 1], type, 10);
            if (poolsFirst) file.Pool(MaxPool, padded, highest, isSame: false, 1, 2);
            file.Convolution([padded, kernel, -1], sums, padding: 1, stride: 1, function: 0, isDepthwise: false);
            if (!poolsFirst) file.Pool(MaxPool, padded, highest, isSame: false, 1, 2);
            int both = Value(file, "both", [1, 3, 5, 2], type, 10), output = Value(file, "output", [1, 5, 5, 2], type, 10);
            file.Concatenation([sums, highest], both, axis: -1);
            file.Operator(Pad, [both, Sides(file, sidesType, 0, 2, 0, 0)], output);

            int[] pixels = [-4, 3, 7, 2, -9, 5];
            int At(int h, int w) => h is >= 1 and < 3 && w is >= 2 and < 5 ? pixels[((h - 1) * 3) + w - 2] : 0;
            double[] expected = new double[50];
            for (int h = 0; h < 3; h++)
            for (int w = 0; w < 5; w++)
            {
                int[] seen = [At(h, w), At(h, w + 1), At(h + 1, w), At(h + 1, w + 1)];
                expected[((h * 5) + w) * 2] = Math.Max(seen.Sum(), type == TfLiteWriter.Float32 ? int.MinValue : -10) * 0.5;
                expected[(((h * 5) + w) * 2) + 1] = seen.Max() * 0.5;
            }

            AssertNear(expected, Numbers(Read(file, image, output), pixels, 1), 2, $"{type}, {poolsFirst}");
        }
    }

    // As ConcatenationWithScaling of TensorFlow Lite's reference kernels has it.
    [Fact]
    public void Joined_values_may_have_scales_of_their_own()
    {
        var file = new TfLiteWriter();
        int image = Value(file, "image", [1, 1, 2, 2], TfLiteWriter.UInt8, 100);
        int relu = file.Value("relu", [1, 1, 2, 2], TfLiteWriter.UInt8, 0.3f, 7);
        file.Operator(Relu, [image], relu);
        int y = file.Value("y", [1, 1, 2, 4], TfLiteWriter.UInt8, 0.7f, 50);
        file.Concatenation([relu, image], y, axis: 3, function: 1);
        int[] pixels = [-60, 33, 12, -1];
        double[] expected = [.. new[] { (0, 1), (2, 3) }.SelectMany(pair => new[]
        {
            Again(Step(pixels[pair.Item1], 0.3f)), Again(Step(pixels[pair.Item2], 0.3f)),
            Again(0.5 * pixels[pair.Item1]), Again(0.5 * pixels[pair.Item2]),
        })];
        AssertNear(expected, Numbers(Read(file, image, y), pixels, 2), 4, "joined");

        double Step(int pixel, double scale) => scale * Math.Round(Math.Max(0.5 * pixel, 0) / scale);
        double Again(double number) => 0.7 * Math.Max(Math.Round(number / 0.7), 0);
    }

    // A flattened map has its channels last, for whoever takes it: another function, a concatenation, a linear layer, the output.
    [Theory]
    [InlineData(TfLiteWriter.Float32, false)]
    [InlineData(TfLiteWriter.Float32, true)]
    [InlineData(TfLiteWriter.Int8, false)]
    [InlineData(TfLiteWriter.Int8, true)]
    public void Flattened_maps_are_in_the_files_order(sbyte type, bool endsInLinear)
    {
        var file = new TfLiteWriter();
        int image = Value(file, "image", [1, 2, 2, 3], type, 0);
        int mean = Value(file, "mean", [1, 3], type, 0), flat = Value(file, "flat", [1, 12], type, 0), relu = Value(file, "relu", [1, 12], type, 0);
        file.Operator(Mean, [image, file.Constant("axes", [2], TfLiteWriter.Int32, TfLiteWriter.Ints(-2, -3))], mean);
        file.Reshape(image, flat);
        file.Operator(Relu, [flat], relu);
        int y = Value(file, "y", [1, 27], type, 0);
        file.Concatenation([mean, flat, relu], y, axis: -1);

        int[] pixels = [4, -8, 12, 0, 8, 20, -16, 4, 4, 8, -12, 0];
        double[] expected =
        [
            .. Enumerable.Range(0, 3).Select(c => Enumerable.Range(0, 4).Average(p => pixels[(p * 3) + c])),
            .. pixels.Select(pixel => (double)pixel),
            .. pixels.Select(pixel => Math.Max(pixel, 0.0)),
        ];
        if (endsInLinear)
        {
            sbyte[] factors = [.. Enumerable.Range(0, 54).Select(i => (sbyte)((i * 7 % 5) - 2))];
            int matrix = type == TfLiteWriter.Float32
                ? file.Constant("matrix", [2, 27], type, TfLiteWriter.Floats([.. factors.Select(factor => (float)factor)]))
                : file.Constant("matrix", [2, 27], type, [.. factors.Select(factor => unchecked((byte)factor))], [1], [0]);
            int sums = Value(file, "sums", [1, 2], type, 0);
            file.Linear([y, matrix, -1], sums);
            (y, expected) = (sums, [.. Enumerable.Range(0, 2).Select(o => expected.Select((value, i) => value * factors[(o * 27) + i]).Sum())]);
        }

        AssertNear([.. expected.Select(value => 0.5 * value)], Numbers(Read(file, image, y), pixels, 3), 1, $"{type}, {endsInLinear}");
    }

    public static TheoryData<string, string> Contradictions => new()
    {
        { "shape", "'y' is stated as [1, 3, 3, 2]" },
        { "padded shape", "'y' is stated as [1, 4, 4, 2]" },
        { "average scale", "uint8 (scale 0.25, zero 3) of uint8 (scale 0.5, zero 3)" },
        { "max scale", "a QUANTIZE converts" },
        { "padded zero", "a QUANTIZE converts" },
        { "reshaped type", "int8 (scale 0.5, zero 3) of uint8 (scale 0.5, zero 3)" },
        { "padding", "its padding is 2" },
        { "step", "It has a stride of 0, expected 1 to 65536" },
        { "window", "It has a window of 0×0, expected 1 to 65536 pixels" },
        { "convolution step", "It has a stride of 0, expected 1 to 65536" },
        { "sides", "it pads by [0, 0, 2147483647, 0, 0, 1, 0, 0]" },
        { "twice", "it yields what the file has already" },
        { "fused", "the function 4 fused into it" },
        { "constant", "'more', a constant" },
        { "padv2", "PADV2 'y'" },
        { "depthwise", "its kernel [2, 1, 1, 2] does not fit 2 channels" },
        { "float bias", "the bias 'bias' is not of integers from 0" },
        { "bias zero", "the bias 'bias' is not of integers from 0" },
        { "bias scales", "has steps of 0.5, where input and kernel make 0.25" },
        { "slopes", "its slopes are []" },
        { "matrix", "its matrix is [2, 5], expected one for 8 numbers" },
    };

    [Theory]
    [MemberData(nameof(Contradictions))]
    public void Contradictions_are_refused_by_name(string what, string expected)
    {
        var file = new TfLiteWriter();
        int image = Value(file, "image", [1, 2, 2, 2], TfLiteWriter.UInt8, 3), floats = Value(file, "floats", [1, 2, 2, 2], TfLiteWriter.Float32, 0);
        int y;
        switch (what)
        {
            case "shape":
                file.Pool(AveragePool, image, y = Value(file, "y", [1, 3, 3, 2], TfLiteWriter.UInt8, 3), isSame: true, 1, 2);
                break;
            case "padded shape":
                file.Operator(Pad, [image, Sides(file, TfLiteWriter.Int32, 0, 1, 0, 1)], y = Value(file, "y", [1, 4, 4, 2], TfLiteWriter.UInt8, 3));
                break;
            case "average scale":
                file.Pool(AveragePool, image, y = file.Value("y", [1, 2, 2, 2], TfLiteWriter.UInt8, 0.25f, 3), isSame: true, 1, 2);
                break;
            case "max scale":
                file.Pool(MaxPool, image, y = file.Value("y", [1, 2, 2, 2], TfLiteWriter.UInt8, 0.25f, 3), isSame: true, 1, 2);
                break;
            case "padded zero":
                file.Operator(Pad, [image, Sides(file, TfLiteWriter.Int32, 0, 1, 0, 1)], y = Value(file, "y", [1, 3, 3, 2], TfLiteWriter.UInt8, 4));
                break;
            case "reshaped type":
                file.Reshape(image, y = Value(file, "y", [1, 8], TfLiteWriter.Int8, 3));
                break;
            case "padding":
                file.Pool(MaxPool, image, y = Value(file, "y", [1, 2, 2, 2], TfLiteWriter.UInt8, 3), padding: 2, (1, 1), (2, 2), 0);
                break;
            case "step":
                file.Pool(AveragePool, image, y = Value(file, "y", [1, 2, 2, 2], TfLiteWriter.UInt8, 3), padding: 0, (0, 0), (2, 2), 0);
                break;
            case "window":
                file.Pool(MaxPool, image, y = Value(file, "y", [1, 2, 2, 2], TfLiteWriter.UInt8, 3), padding: 0, (1, 1), (0, 0), 0);
                break;
            case "convolution step":
                int kernel = file.Constant("kernel", [1, 1, 1, 2], TfLiteWriter.Float32, TfLiteWriter.Floats(1, 1));
                y = Value(file, "y", [1, 2, 2, 1], TfLiteWriter.Float32, 0);
                image = floats;
                file.Convolution([image, kernel, -1], y, padding: 0, stride: 0, function: 0, isDepthwise: false);
                break;
            case "sides":
                file.Operator(
                    Pad, [image, Sides(file, TfLiteWriter.Int32, int.MaxValue, 0, 0, 1)], y = Value(file, "y", [1, 3, 3, 2], TfLiteWriter.UInt8, 3));
                break;
            case "twice":
                y = Value(file, "y", [1, 3, 3, 2], TfLiteWriter.UInt8, 3);
                file.Operator(Pad, [image, Sides(file, TfLiteWriter.Int32, 0, 1, 0, 1)], y);
                file.Operator(Relu, [y], y);
                break;
            case "fused":
                file.Pool(AveragePool, image, y = Value(file, "y", [1, 2, 2, 2], TfLiteWriter.UInt8, 3), padding: 0, (1, 1), (2, 2), 4);
                break;
            case "constant":
                int more = file.Constant("more", [1, 2, 2, 2], TfLiteWriter.Float32, TfLiteWriter.Floats(new float[8]));
                image = floats;
                file.Concatenation([image, more], y = Value(file, "y", [1, 2, 2, 4], TfLiteWriter.Float32, 0), axis: 3);
                break;
            case "padv2":
                file.Operator(PadV2, [image], y = Value(file, "y", [1, 2, 2, 2], TfLiteWriter.UInt8, 3));
                break;
            case "depthwise":
                int pair = file.Constant("pair", [2, 1, 1, 2], TfLiteWriter.Float32, TfLiteWriter.Floats(1, 2, 3, 4));
                image = floats;
                file.Depthwise([image, pair, -1], y = Value(file, "y", [1, 2, 2, 2], TfLiteWriter.Float32, 0));
                break;
            case "float bias":
            case "bias zero":
            case "bias scales":
                int two = file.Constant("two", [2, 1, 1, 2], TfLiteWriter.Int8, [1, 2, 3, 4], [1, 0.5f], [0, 0]);
                int bias = what == "float bias" ? file.Constant("bias", [2], TfLiteWriter.Float32, TfLiteWriter.Floats(1, 2))
                    : file.Constant("bias", [2], TfLiteWriter.Int32, TfLiteWriter.Ints(1, 2), [0.5f], [what == "bias zero" ? 1 : 0]);
                file.Convolution([image, two, bias], y = Value(file, "y", [1, 2, 2, 2], TfLiteWriter.UInt8, 0), function: 0);
                break;
            case "slopes":
                image = Value(file, "one", [1, 2, 2, 1], TfLiteWriter.Float32, 0);
                int slopes = file.Constant("slopes", [], TfLiteWriter.Float32, TfLiteWriter.Floats(0.25f));
                file.Operator(PRelu, [image, slopes], y = Value(file, "y", [1, 2, 2, 1], TfLiteWriter.Float32, 0));
                break;
            default:
                image = floats;
                int matrix = file.Constant("matrix", [2, 5], TfLiteWriter.Float32, TfLiteWriter.Floats(new float[10]));
                file.Linear([image, matrix, -1], y = Value(file, "y", [1, 2], TfLiteWriter.Float32, 0));
                break;
        }

        string message = Message(file, image, y);
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    // Integers have steps of 0.5.
    private static int Value(TfLiteWriter file, string name, int[] shape, sbyte type, int zero) =>
        type == TfLiteWriter.Float32 ? file.Value(name, shape, type) : file.Value(name, shape, type, 0.5f, zero);

    private static int Sides(TfLiteWriter file, sbyte type, int top, int bottom, int left, int right)
    {
        int[] sides = [0, 0, top, bottom, left, right, 0, 0];
        return file.Constant("sides", [4, 2], type, type == TfLiteWriter.Int32
            ? TfLiteWriter.Ints(sides) : [.. sides.SelectMany(side => BitConverter.GetBytes((long)side))]);
    }

    // The network's numbers for pixels in steps of 0.5, channels last, by the slow references.
    private static double[] Numbers(OpenedModel model, int[] pixels, int channels)
    {
        int positions = pixels.Length / channels;
        float[] planes = [.. Enumerable.Range(0, pixels.Length).Select(i => 0.5f * pixels[(i % positions * channels) + (i / positions)])];
        if (model.Graph.Quantization is null) return new ReferenceRunner(model.Graph, model.Weights).Evaluate(planes);
        return new IntegerReferenceRunner(model.Graph, model.Weights).Evaluate(planes).Numbers[model.Graph.Output.Index];
    }

    private static void AssertNear(double[] expected, double[] planes, int channels, string what)
    {
        Assert.Equal(expected.Length, planes.Length);
        int positions = expected.Length / channels;
        for (int i = 0; i < expected.Length; i++)
        {
            double actual = planes[(i % channels * positions) + (i / channels)];
            Assert.True(Math.Abs(expected[i] - actual) < 1e-5, $"{what}, number {i}: {actual}, expected {expected[i]}");
        }
    }

    private OpenedModel Read(TfLiteWriter file, int input, int output)
    {
        TemporaryFolder.Overwrite(_folder["x.tflite"], file.Finish(input, output));
        return new TfLiteModelReader().Read(_folder["x.tflite"], new ModelReadOptions());
    }

    private string Message(TfLiteWriter file, int input, int output) =>
        Assert.Throws<InvalidInputException>(() => Read(file, input, output)).Message;
}
