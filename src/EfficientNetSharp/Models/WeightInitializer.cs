using EfficientNetSharp.Graphs;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Models;

/// <summary>Fresh weights, as tensorflow/tpu's EfficientNet draws them.</summary>
/// <remarks>
/// Convolutions: normal with standard deviation √(2 / (k²·out/groups)) (fan-out, so √(2/k²) for depthwise ones). Linear layers:
/// uniform in ±1/√max(in, out); the TPU code has ±1/√out, which is nearly the same for ImageNet's 1,000 classes and far too wide
/// for ten. Biases and shifts 0, scales 1, running mean 0, running variance 1, slopes of parametric ReLUs 0.25.
/// </remarks>
public static class WeightInitializer
{
    // He et al. 2015, §2.1; PyTorch's default too.
    private const float FirstSlope = 0.25f;

    /// <summary>Draws weights; the same seed gives the same ones everywhere.</summary>
    public static WeightSet Initialize(Graph graph, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var tensors = new Dictionary<string, WeightTensor>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
        {
            int groups = node.Operator switch
            {
                Convolution convolution => convolution.Groups,
                ConditionalConvolution conditional => conditional.Shape.Groups,
                _ => 1,
            };
            foreach (var parameter in node.Parameters)
                tensors.Add(parameter.Name, new WeightTensor(parameter.Shape, Draw(parameter, groups, seed)));
        }

        return new WeightSet(tensors);
    }

    private static float[] Draw(Parameter parameter, int groups, ulong seed)
    {
        var values = new float[parameter.Count];
        // The stream is named by the parameter, so that adding a layer does not change the others' weights.
        var random = new SeededRandom(seed, StableHash(parameter.Name));
        switch (parameter.Role)
        {
            case ParameterRole.ConvolutionKernel or ParameterRole.ExpertKernels:
                // [out, in/groups, kh, kw], behind the experts where there are any: each is drawn as if it were alone.
                var shape = parameter.Shape.AsSpan()[^4..];
                double fanOut = (double)shape[2] * shape[3] * shape[0] / groups;
                double deviation = Math.Sqrt(2 / fanOut);
                for (int i = 0; i < values.Length; i++) values[i] = (float)(deviation * random.NextGaussian());
                break;
            case ParameterRole.LinearKernel:
                double bound = 1 / Math.Sqrt(Math.Max(parameter.Shape[0], parameter.Shape[1]));
                for (int i = 0; i < values.Length; i++) values[i] = (float)random.NextDouble(-bound, bound);
                break;
            case ParameterRole.Slope:
                values.AsSpan().Fill(FirstSlope);
                break;
            case ParameterRole.NormScale or ParameterRole.RunningVariance:
                values.AsSpan().Fill(1);
                break;
        }

        return values;
    }

    // FNV-1a, 64 bits: string.GetHashCode differs from run to run.
    private static ulong StableHash(string text)
    {
        ulong hash = 0xcbf29ce484222325;
        foreach (char c in text) hash = (hash ^ c) * 0x100000001b3;
        return hash;
    }
}
