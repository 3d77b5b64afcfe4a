using System.Collections.Immutable;
using EfficientNetSharp.Inference;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Quantization.Measuring;

/// <summary>A usual error of preprocessing, and how far it takes the float network's outputs from those that they should be.</summary>
/// <param name="Name">The error, in words.</param>
/// <param name="Agreement">The float network with the error beside the float network without.</param>
public sealed record PreprocessingError(string Name, OutputAgreement Agreement);

/// <summary>
/// What errors of preprocessing would look like, so that a difference between a device and this machine can be told from rounding: both
/// are measured against the float network on the same images.
/// </summary>
public static class PreprocessingErrors
{
    /// <summary>Runs the float network with each error.</summary>
    /// <param name="network">The network; its judging images are taken.</param>
    /// <param name="preprocessing">What was done to them.</param>
    public static ImmutableArray<PreprocessingError> Measure(CalibratedNetwork network, Preprocessing preprocessing)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(preprocessing);
        var shape = network.Graph.Input.Shape;
        int plane = shape.Height * shape.Width;
        (string Name, Func<float[], float[]> Change)[] errors =
        [
            ("red and blue swapped", image => Each((channel, i) => image[((shape.Channels - 1 - channel) * plane) + i])),
            ("pixels 0 to 255, not normalised", image => Each((channel, i) => 255 * Pixel(image, channel, i))),
            ("pixels 0 to 1, mean and deviation left out", image => Each((channel, i) => Pixel(image, channel, i))),
            ("pixels −1 to 1 instead of the model's mean and deviation", image => Each((channel, i) => (2 * Pixel(image, channel, i)) - 1)),
            ("shifted by one pixel", image => Each((channel, i) => image[(channel * plane) + (i % shape.Width == 0 ? i : i - 1)])),
        ];
        using var runner = EngineRunner.Create(network.Graph, network.Weights, network.Options);
        float[] expected = new float[runner.OutputShape.Count], actual = new float[expected.Length];
        return
        [
            .. errors.Where(error => shape.Channels > 1 || error != errors[0]).Select(error =>
            {
                var comparison = new OutputComparison();
                foreach (float[] image in network.JudgingImages.Take(Calibration.CalibrationImages.UsualJudging))
                {
                    float[] changed = error.Change(image);
                    if (changed.AsSpan().SequenceEqual(image)) continue;
                    ((IModelRunner)runner).Run(image, 1, expected);
                    ((IModelRunner)runner).Run(changed, 1, actual);
                    comparison.Add(expected, actual);
                }

                return new PreprocessingError(error.Name, comparison.Result());
            }).Where(error => error.Agreement.Images > 0),
        ];

        float Pixel(float[] image, int channel, int i) =>
            (image[(channel * plane) + i] * preprocessing.StandardDeviation[channel]) + preprocessing.Mean[channel];

        float[] Each(Func<int, int, float> value)
        {
            float[] changed = new float[shape.Count];
            for (int i = 0; i < changed.Length; i++) changed[i] = value(i / plane, i % plane);
            return changed;
        }
    }
}
