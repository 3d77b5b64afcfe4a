using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Randomness;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace EfficientNetSharp.Onnx.Importing;

/// <summary>Holds what was made of a file against the file itself, both run by ONNX Runtime on the same inputs.</summary>
internal static class ImportCheck
{
    /// <summary>Largest difference, as a share of the results' Euclidean length. Rounding gives about 1e-6.</summary>
    public const double Tolerance = 1e-4;

    // Files of float16 compute in float16, whose digits end at 1e-3.
    private const double HalfTolerance = 2e-2;

    // Sums in another order round to the neighbouring integer here and there, which eight bits show.
    private const double QuantizedTolerance = 5e-2;

    private const int Inputs = 3;

    /// <summary>Compares the two.</summary>
    /// <param name="path">The file.</param>
    /// <param name="network">What was read of it.</param>
    /// <param name="scaling">What was taken off its input.</param>
    /// <param name="graph">What was made of it, at the file's size.</param>
    /// <param name="weights">Its weights.</param>
    /// <exception cref="InvalidInputException">They differ by more than the tolerance, or the file does not run.</exception>
    public static void Run(string path, OnnxNetwork network, InputScaling? scaling, Graph graph, WeightSet weights)
    {
        // Operator by operator, since its integer kernels may not hold large sums.
        bool isQuantized = graph.Quantization is not null;
        using var runner = OnnxRuntimeRunner.Create(graph, weights, new OnnxRuntimeOptions { Optimizes = !isQuantized });
        using var file = Open(path, isQuantized);
        string inputName = file.InputNames[0];
        bool isHalf = file.InputMetadata[inputName].ElementDataType == TensorElementType.Float16;
        for (int i = 0; i < Inputs; i++)
        {
            float[] input = Draw(graph.Input.Shape, (ulong)i);
            var made = graph.Outputs.Select(output => new float[output.Shape.Count]).ToArray();
            runner.RunAll(input, 1, [.. made.Select(row => row.AsMemory())]);
            float[][] expected = RunFile(path, file, network, scaling?.Undo(input, graph.Input.Shape) ?? input, isHalf);
            for (int output = 0; output < made.Length; output++)
            {
                float[] ours = network.EndsWithSoftmax && output == 0 ? Softmax(made[output]) : made[output];
                double difference = Difference(ours, expected[output]);
                double tolerance = isQuantized ? QuantizedTolerance : isHalf ? HalfTolerance : Tolerance;
                if (difference <= tolerance) continue;
                throw new InvalidInputException(string.Create(
                    System.Globalization.CultureInfo.InvariantCulture,
                    $"What was made of '{path}' does not compute what the file does: {OneLine.Quote(network.OutputNames[output])} differs by {NumberText.Rounded(difference)} of its size, at most {NumberText.Of(tolerance)} is expected; run the file itself by 'effnet run', and report it."));
            }
        }
    }

    private static InferenceSession Open(string path, bool isQuantized)
    {
        try
        {
            using var options = new SessionOptions
            {
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
                GraphOptimizationLevel = isQuantized ? GraphOptimizationLevel.ORT_DISABLE_ALL : GraphOptimizationLevel.ORT_ENABLE_ALL,
            };
            return new InferenceSession(path, options);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidInputException(
                $"'{path}' cannot be run by ONNX Runtime to check what was made of it: {OneLine.Clean(e.Message, 200)}", e);
        }
    }

    private static float[] Draw(TensorShape shape, ulong seed)
    {
        var random = new SeededRandom(seed, 0x696d706f7274);
        var values = new float[shape.Count];
        for (int i = 0; i < values.Length; i++) values[i] = (float)random.NextGaussian();
        return values;
    }

    // The file's own results with channels first, an image's row or map each.
    private static float[][] RunFile(string path, InferenceSession file, OnnxNetwork network, float[] input, bool isHalf)
    {
        var shape = network.Graph.Input.Shape;
        bool isLast = network.InputAxes == "NHWC";
        long[] dims = isLast ? [1, shape.Height, shape.Width, shape.Channels] : [1, shape.Channels, shape.Height, shape.Width];
        if (isLast) input = ToChannelsLast(input, shape);
        int batch = Math.Max(1, file.InputMetadata[file.InputNames[0]].Dimensions[0]);
        dims[0] = batch;
        var repeated = new float[input.Length * batch];
        for (int i = 0; i < batch; i++) input.CopyTo(repeated, i * input.Length);
        try
        {
            using var value = isHalf
                ? OrtValue.CreateTensorValueFromMemory(Array.ConvertAll(repeated, number => (Float16)number), dims)
                : OrtValue.CreateTensorValueFromMemory(repeated, dims);
            using var runOptions = new RunOptions();
            using var results = file.Run(runOptions, [file.InputNames[0]], [value], network.OutputNames);
            return [.. results.Select((result, i) => Row(result, network.Graph.Outputs[i].Shape, network.OutputAxes[i], isHalf))];
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidInputException($"'{path}' does not run on {string.Join('×', dims)}: {OneLine.Clean(e.Message, 200)}", e);
        }
    }

    private static float[] Row(OrtValue value, TensorShape shape, string axes, bool isHalf)
    {
        float[] all = isHalf && value.GetTensorTypeAndShape().ElementDataType == TensorElementType.Float16
            ? Array.ConvertAll(value.GetTensorDataAsSpan<Float16>().ToArray(), number => (float)number)
            : value.GetTensorDataAsSpan<float>().ToArray();
        float[] row = all[..(int)Math.Min(shape.Count, all.Length)];
        return axes == "NHWC" && !shape.IsVector ? ToChannelsFirst(row, shape) : row;
    }

    private static float[] ToChannelsLast(float[] planes, TensorShape shape)
    {
        var result = new float[planes.Length];
        for (int c = 0; c < shape.Channels; c++)
        for (int p = 0; p < shape.Positions; p++)
            result[(p * shape.Channels) + c] = planes[(c * shape.Positions) + p];
        return result;
    }

    private static float[] ToChannelsFirst(float[] values, TensorShape shape)
    {
        var result = new float[values.Length];
        for (int c = 0; c < shape.Channels; c++)
        for (int p = 0; p < shape.Positions; p++)
            result[(c * shape.Positions) + p] = values[(p * shape.Channels) + c];
        return result;
    }

    private static float[] Softmax(float[] logits)
    {
        float max = logits.Max();
        double[] powers = Array.ConvertAll(logits, value => Math.Exp(value - max));
        double sum = powers.Sum();
        return Array.ConvertAll(powers, power => (float)(power / sum));
    }

    private static double Difference(float[] ours, float[] theirs)
    {
        if (ours.Length != theirs.Length) return double.PositiveInfinity;
        double difference = 0, size = 0;
        for (int i = 0; i < ours.Length; i++)
        {
            // Equal counts as equal also where it is infinite or no number; anything else there makes the sum no number, which is refused.
            if (ours[i].Equals(theirs[i])) size += float.IsFinite(theirs[i]) ? Math.Pow(theirs[i], 2) : 0;
            else (difference, size) = (difference + Math.Pow((double)ours[i] - theirs[i], 2), size + Math.Pow(theirs[i], 2));
        }

        // Of a network that yields nothing but zeros there is no share.
        return difference == 0 ? 0 : Math.Sqrt(difference / size);
    }
}
