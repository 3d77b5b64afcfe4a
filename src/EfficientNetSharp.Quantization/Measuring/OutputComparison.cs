using System.Collections.Concurrent;

namespace EfficientNetSharp.Quantization.Measuring;

/// <summary>Compares outputs image by image, from any number of threads.</summary>
public sealed class OutputComparison
{
    // What two float engines differ by; beyond it a network is as good as exact.
    private const double MaxDecibels = 140;

    private readonly ConcurrentBag<(bool Agrees, double Cosine, double Decibels)> _images = [];

    /// <summary>Takes the outputs of an image.</summary>
    /// <param name="expected">The float network's.</param>
    /// <param name="actual">The quantized network's.</param>
    /// <exception cref="InvalidInputException">An output is not finite.</exception>
    public void Add(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual) => _images.Add(Compare(expected, actual));

    /// <summary>Compares the outputs of an image: whether the largest is the same, their cosine, signal to noise in decibels.</summary>
    internal static (bool Agrees, double Cosine, double Decibels) Compare(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        double product = 0, a = 0, b = 0, noise = 0;
        int best = 0, found = 0;
        for (int i = 0; i < expected.Length; i++)
        {
            if (!float.IsFinite(expected[i]) || !float.IsFinite(actual[i]))
            {
                throw new InvalidInputException(
                    "Expected finite outputs of the network, found NaN or infinity; check its weights and the preprocessing of its images.");
            }

            product += (double)expected[i] * actual[i];
            a += (double)expected[i] * expected[i];
            b += (double)actual[i] * actual[i];
            double difference = (double)expected[i] - actual[i];
            noise += difference * difference;
            if (expected[i] > expected[best]) best = i;
            if (actual[i] > actual[found]) found = i;
        }

        double cosine = a == 0 || b == 0 ? (a == b ? 1 : 0) : product / Math.Sqrt(a * b);
        double decibels = noise == 0 ? MaxDecibels : a == 0 ? 0 : Math.Min(MaxDecibels, 10 * Math.Log10(a / noise));
        return (best == found, cosine, decibels);
    }

    /// <summary>Compares outputs image by image.</summary>
    /// <param name="expected">The float network's.</param>
    /// <param name="actual">The quantized network's.</param>
    /// <exception cref="InvalidInputException">An output is not finite.</exception>
    internal static OutputAgreement Of(IReadOnlyList<float[]> expected, IReadOnlyList<float[]> actual)
    {
        var comparison = new OutputComparison();
        for (int i = 0; i < actual.Count; i++) comparison.Add(expected[i], actual[i]);
        return comparison.Result();
    }

    /// <summary>What was found.</summary>
    public OutputAgreement Result()
    {
        // In the order of their sizes, so that sums do not depend on which thread was first.
        double[] cosines = [.. _images.Select(image => image.Cosine).Order()], decibels = [.. _images.Select(image => image.Decibels).Order()];
        return new OutputAgreement
        {
            Images = cosines.Length,
            Agreeing = _images.Count(image => image.Agrees),
            MeanCosine = cosines.DefaultIfEmpty(1).Average(),
            FirstPercentileCosine = cosines.Length == 0 ? 1 : cosines[cosines.Length / 100],
            SignalToNoise = decibels.DefaultIfEmpty(0).Average(),
        };
    }
}
