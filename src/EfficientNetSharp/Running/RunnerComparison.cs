using System.Collections.Immutable;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Running;

/// <summary>Runs networks on images of noise: to time them, and to tell whether two compute the same.</summary>
public static class RunnerComparison
{
    /// <summary>Normalised images of noise [N,C,H,W], the same each time.</summary>
    /// <param name="shape">Shape of an image.</param>
    /// <param name="batch">N, at least 1.</param>
    /// <param name="seed">Which noise.</param>
    public static float[] Noise(TensorShape shape, int batch, ulong seed = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        var images = new float[batch * shape.Count];
        var random = new SeededRandom(seed);
        foreach (ref float value in images.AsSpan()) value = (float)random.NextGaussian();
        return images;
    }

    /// <summary>A run of a network for its first output, on images and into memory that are made beforehand.</summary>
    /// <param name="runner">The network.</param>
    /// <param name="batch">Images of a run, at least 1.</param>
    public static Action Turn(IModelRunner runner, int batch)
    {
        ArgumentNullException.ThrowIfNull(runner);
        float[] input = Noise(runner.InputShape, batch), output = new float[batch * runner.OutputShape.Count];
        return () => runner.Run(input, batch, output);
    }

    /// <summary>All outputs of a batch.</summary>
    /// <param name="runner">The network.</param>
    /// <param name="images">Normalised images [N,C,H,W].</param>
    /// <param name="batch">N, at least 1.</param>
    /// <returns>For each of <see cref="IModelRunner.OutputShapes"/> its values [N, …shape].</returns>
    public static float[][] RunAll(IModelRunner runner, ReadOnlySpan<float> images, int batch)
    {
        ArgumentNullException.ThrowIfNull(runner);
        var outputs = runner.OutputShapes.Select(shape => new float[batch * shape.Count]).ToArray();
        runner.RunAll(images, batch, [.. outputs.Select(values => values.AsMemory())]);
        return outputs;
    }

    /// <summary>How far two networks are apart on images of noise.</summary>
    /// <param name="expected">The one that is right.</param>
    /// <param name="actual">The other; it takes the same images and has as many outputs of the same shapes.</param>
    /// <param name="batch">How many images, at least 1.</param>
    /// <returns>For each output ‖difference‖ / ‖expected‖ over the whole batch; NaN where a value is not finite.</returns>
    /// <exception cref="ArgumentException">The networks' shapes differ.</exception>
    public static ImmutableArray<double> RelativeErrors(IModelRunner expected, IModelRunner actual, int batch = 2)
    {
        ArgumentNullException.ThrowIfNull(expected);
        ArgumentNullException.ThrowIfNull(actual);
        if (expected.InputShape != actual.InputShape || !expected.OutputShapes.SequenceEqual(actual.OutputShapes))
        {
            throw new ArgumentException(
                $"A network from {expected.InputShape} to {string.Join(", ", expected.OutputShapes)} is expected, found one from {actual.InputShape} to {string.Join(", ", actual.OutputShapes)}.",
                nameof(actual));
        }

        float[] images = Noise(expected.InputShape, batch);
        return [.. RunAll(expected, images, batch).Zip(RunAll(actual, images, batch), RelativeError)];
    }

    private static double RelativeError(float[] expected, float[] actual)
    {
        double difference = 0, norm = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            double apart = (double)expected[i] - actual[i];
            difference += apart * apart;
            norm += (double)expected[i] * expected[i];
        }

        // Two rows of zeros are equal, not undefined.
        return difference == 0 ? 0 : Math.Sqrt(difference / norm);
    }
}
