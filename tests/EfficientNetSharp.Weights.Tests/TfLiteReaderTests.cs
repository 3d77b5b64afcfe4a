using EfficientNetSharp.Arrays;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Running;
using EfficientNetSharp.Testing;
using EfficientNetSharp.Testing.IntegerMath;
using EfficientNetSharp.Testing.TfLite;
using EfficientNetSharp.Tests.Files;
using EfficientNetSharp.Weights.TfLite;

namespace EfficientNetSharp.Weights.Tests;

/// <summary>Files that a writer of our own makes by the schema, with the numbers worked out by hand.</summary>
public sealed class TfLiteReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // Two pixels of two channels, a 1×1 convolution with ReLU6, a mean, a linear layer.
    [Fact]
    public void Integers_and_what_they_stand_for_are_taken_as_they_are()
    {
        var file = new TfLiteWriter();
        int image = file.Value("image", [1, 1, 2, 2], TfLiteWriter.UInt8, 0.5f, 128);
        int kernel = file.Constant("kernel", [2, 1, 1, 2], TfLiteWriter.UInt8, [10, 12, 8, 14], [0.25f], [10]);
        int bias = file.Constant("bias", [2], TfLiteWriter.Int32, TfLiteWriter.Ints(4, -2), [0.125f], [0]);
        int map = file.Value("map", [1, 1, 2, 2], TfLiteWriter.UInt8, 0.1f, 3);
        file.Convolution([image, kernel, bias], map, function: 3);
        int pooled = file.Value("pooled", [1, 1, 1, 2], TfLiteWriter.UInt8, 0.1f, 3);
        file.AveragePool(map, pooled, width: 2, height: 1);
        int matrix = file.Constant("matrix", [1, 2], TfLiteWriter.Int8, [1, 0xFF], [0.5f], [0]);
        int result = file.Value("result", [1, 1], TfLiteWriter.UInt8, 0.05f, 100);
        file.Linear([pooled, matrix, -1], result);
        var read = Read(file, image, result);

        var plan = read.Graph.Quantization!;
        Assert.Equal(IntegerArithmetic.TfLite, plan.Arithmetic);
        Assert.Equal(new ValueQuantization(ElementType.U8, 0.5f, 128), plan.Of(read.Graph.Input));
        Assert.Equal(new ParameterQuantization(ElementType.U8, [0.25f], 10), plan.Kernels["map.weight"]);
        Assert.Equal(new float[] { 0, 0.5f, -0.5f, 1 }, read.Weights["map.weight"].Values);
        Assert.Equal(new float[] { 0.5f, -0.25f }, read.Weights["map.bias"].Values);

        // Pixels (4, 2) and (-6, 10) of steps of 0.5: (2, 1) and (-3, 5) in numbers; planes come first here.
        float[] input = [2, -3, 1, 5];
        using var runner = new IntegerReferenceRunner(read.Graph, read.Weights);
        var (integers, _) = runner.Evaluate(input);
        // 0.5·1 + 0.5 = 1, 0.5·5 + 0.5 = 3; -0.5·2 + 1·1 - 0.25 = -0.25 → 0, 1.5 + 5 - 0.25 → 6 (ReLU6); steps of 0.1 from 3.
        Assert.Equal([13, 33, 3, 63], integers[read.Graph["map.relu6"].Index]!);
        Assert.Equal([23, 33], integers[read.Graph["pooled"].Index]!);
        // (20 - 30) · 0.1 · 0.5 = -0.5: ten steps of 0.05 below 100.
        Assert.Equal([90], integers[read.Graph.Output.Index]!);
        Assert.Equal(128f / 255, read.Card!.Preprocessing.Mean[0]);
        Assert.Equal(1 / (255 * 0.5f), read.Card.Preprocessing.StandardDeviation[0]);
    }

    [Fact]
    public void Depthwise_kernels_paddings_and_flattenings_come_in_the_projects_order()
    {
        var file = new TfLiteWriter();
        int image = file.Value("image", [1, 2, 2, 3], TfLiteWriter.Float32);
        float[] taps = [.. Enumerable.Range(0, 27).Select(i => i * 0.1f)];
        int kernel = file.Constant("kernel", [1, 3, 3, 3], TfLiteWriter.Float32, TfLiteWriter.Floats(taps));
        int map = file.Value("map", [1, 2, 2, 3], TfLiteWriter.Float32);
        file.Depthwise([image, kernel, -1], map);
        int flat = file.Value("flat", [1, 12], TfLiteWriter.Float32);
        file.Reshape(map, flat);
        float[] rows = [.. Enumerable.Range(0, 24).Select(i => (i * 0.05f) - 0.5f)];
        int matrix = file.Constant("matrix", [2, 12], TfLiteWriter.Float32, TfLiteWriter.Floats(rows));
        int result = file.Value("result", [1, 2], TfLiteWriter.Float32);
        file.Linear([flat, matrix, -1], result);
        var read = Read(file, image, result);
        Assert.Null(read.Graph.Quantization);

        // By the definition, in the file's own order of axes.
        float[] pixels = [.. Enumerable.Range(0, 12).Select(i => MathF.Sin(i))];
        double[] expected = new double[2], filtered = new double[12];
        for (int y = 0; y < 2; y++)
        for (int x = 0; x < 2; x++)
        for (int c = 0; c < 3; c++)
        for (int kh = 0; kh < 3; kh++)
        for (int kw = 0; kw < 3; kw++)
        {
            int h = y + kh - 1, w = x + kw - 1;
            if (h is < 0 or > 1 || w is < 0 or > 1) continue;
            filtered[(((y * 2) + x) * 3) + c] += pixels[(((h * 2) + w) * 3) + c] * taps[(((kh * 3) + kw) * 3) + c];
        }

        for (int o = 0; o < 2; o++)
        for (int i = 0; i < 12; i++) expected[o] += filtered[i] * rows[(o * 12) + i];

        float[] planes = new float[12];
        for (int i = 0; i < 12; i++) planes[(i % 3 * 4) + (i / 3)] = pixels[i];
        using var reference = new ReferenceRunner(read.Graph, read.Weights);
        double[] actual = reference.Evaluate(planes);
        Assert.Equal(expected[0], actual[0], 1e-5);
        Assert.Equal(expected[1], actual[1], 1e-5);
    }

    [Fact]
    public void What_is_not_read_is_refused_by_name()
    {
        var file = new TfLiteWriter();
        int image = file.Value("image", [1, 2, 2, 3], TfLiteWriter.Float32), y = file.Value("y", [1, 2, 2, 3], TfLiteWriter.Float32);
        file.Operator(67, [image], y);
        Assert.Contains("TRANSPOSE_CONV 'y'", Message(file, image, y), StringComparison.Ordinal);

        file = new TfLiteWriter();
        image = file.Value("image", [1, 2, 2, 3], TfLiteWriter.UInt8);
        y = file.Value("y", [1, 2, 2, 3], TfLiteWriter.UInt8);
        file.Operator(19, [image], y);
        Assert.Contains("does not say what they stand for", Message(file, image, y), StringComparison.Ordinal);

        file = new TfLiteWriter();
        image = file.Value("image", [1, 1, 1, 1], TfLiteWriter.UInt8, 0.5f, 0);
        int kernel = file.Constant("kernel", [1, 1, 1, 1], TfLiteWriter.UInt8, [3], [0.25f], [0]);
        int bias = file.Constant("bias", [1], TfLiteWriter.Int32, TfLiteWriter.Ints(4), [0.5f], [0]);
        y = file.Value("y", [1, 1, 1, 1], TfLiteWriter.UInt8, 0.5f, 0);
        file.Convolution([image, kernel, bias], y, function: 0);
        Assert.Contains("steps of 0.5, where input and kernel make 0.125", Message(file, image, y), StringComparison.Ordinal);
    }

    // Each byte of a small file changed, and the file cut at each length: read or refused in a line.
    [Fact]
    public void Damaged_files_are_refused_in_a_line()
    {
        var file = new TfLiteWriter();
        int image = file.Value("image", [1, 1, 2, 2], TfLiteWriter.UInt8, 0.5f, 128);
        int kernel = file.Constant("kernel", [2, 1, 1, 2], TfLiteWriter.UInt8, [10, 12, 8, 14], [0.25f], [10]);
        int map = file.Value("map", [1, 1, 2, 2], TfLiteWriter.UInt8, 0.1f, 3);
        file.Convolution([image, kernel, -1], map, function: 3);
        byte[] bytes = file.Finish(image, map);
        for (int i = 0; i < bytes.Length; i++)
        {
            Try(bytes[..i]);
            foreach (byte value in new byte[] { 0, 1, 0x7F, 0xFF })
            {
                byte[] changed = [.. bytes];
                changed[i] = value;
                Try(changed);
            }
        }

        void Try(byte[] changed)
        {
            TemporaryFolder.Overwrite(_folder["x.tflite"], changed);
            try
            {
                new TfLiteModelReader().Read(_folder["x.tflite"], new ModelReadOptions());
            }
            catch (InvalidInputException refusal)
            {
                Assert.DoesNotContain('\n', refusal.Message);
            }
        }
    }

    private OpenedModel Read(TfLiteWriter file, int input, int output)
    {
        File.WriteAllBytes(_folder["x.tflite"], file.Finish(input, output));
        var reader = new TfLiteModelReader();
        Assert.True(reader.Reads(_folder["x.tflite"]));
        return reader.Read(_folder["x.tflite"], new ModelReadOptions());
    }

    private string Message(TfLiteWriter file, int input, int output) =>
        Assert.Throws<InvalidInputException>(() => Read(file, input, output)).Message;
}
