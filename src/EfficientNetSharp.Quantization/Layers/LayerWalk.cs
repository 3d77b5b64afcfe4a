using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Inference;
using EfficientNetSharp.IntegerMath;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Quantization.Layers;

/// <summary>
/// Goes through a quantized network layer after layer, beside the float network that it was made from. What a visitor changes of a layer
/// is what the layers after it see.
/// </summary>
internal sealed class LayerWalk
{
    // What images leave between two stretches of the network, for all images; more images than fit are left out.
    private const long MaxNumbers = 128 << 20;

    private readonly Graph _floats, _quantized;
    private readonly WeightSet _floatWeights;
    private readonly PlanOptions? _options;

    /// <summary>Prepares to walk.</summary>
    /// <param name="floats">The folded network.</param>
    /// <param name="floatWeights">Its weights.</param>
    /// <param name="quantized">The same with its plan.</param>
    /// <param name="options">How the engine runs them.</param>
    public LayerWalk(Graph floats, WeightSet floatWeights, Graph quantized, PlanOptions? options) =>
        (_floats, _floatWeights, _quantized, _options) = (floats, floatWeights, quantized, options);

    /// <summary>Visits the layers whose kernels are integers.</summary>
    /// <param name="integers">The quantized network's weights to begin with.</param>
    /// <param name="images">Images [C,H,W], normalised.</param>
    /// <param name="visit">Gives the tensors of a layer that change; none to leave it.</param>
    /// <param name="progress">Told of the share that is done.</param>
    /// <param name="cancellationToken">Ends the walk.</param>
    /// <returns>The weights with all changes.</returns>
    public WeightSet Run(
        WeightSet integers, IReadOnlyList<float[]> images, Func<LayerVisit, IEnumerable<KeyValuePair<string, WeightTensor>>> visit,
        IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        var plan = _quantized.Quantization!;
        var tensors = new Dictionary<string, WeightTensor>(integers, StringComparer.Ordinal);
        var (floatParts, parts) = (GraphSegment.Of(_floats), GraphSegment.Of(_quantized));
        long widest = parts.Max(part => part.From.Shape.Count);
        int count = (int)Math.Clamp(MaxNumbers / (2 * widest), 1, images.Count);
        var floats = images.Take(count).ToArray();
        var rounded = floats.Select(image => Rounded(image, plan.Of(_quantized.Input), plan.Arithmetic)).ToArray();
        for (int i = 0; i < parts.Length; i++)
        {
            var (part, floatPart) = (parts[i].Graph, floatParts[i].Graph);
            foreach (var node in part.Nodes.Where(node => plan.OfKernel(node) is not null))
            {
                var input = part.Nodes[node.Inputs[0]];
                foreach (var (name, tensor) in visit(new LayerVisit(
                    node, input.Shape, Values(floatPart, part, input, floats, rounded, tensors, cancellationToken))))
                    tensors[name] = tensor;
            }

            if (i == parts.Length - 1) break;
            using var floatRunner = EngineRunner.Create(floatPart, _floatWeights.For(floatPart), _options);
            using var runner = EngineRunner.Create(part, new WeightSet(tensors).For(part), _options);
            for (int image = 0; image < count; image++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                floats[image] = Run(floatRunner, floats[image]);
                rounded[image] = Run(runner, rounded[image]);
            }

            progress?.Report((i + 1.0) / parts.Length);
        }

        progress?.Report(1);
        return new WeightSet(tensors);
    }

    private IEnumerable<(float[] Floats, float[] Rounded)> Values(
        Graph floatPart, Graph part, Node input, float[][] floats, float[][] rounded, Dictionary<string, WeightTensor> tensors,
        CancellationToken cancellationToken)
    {
        if (input.Index == 0)
        {
            for (int i = 0; i < floats.Length; i++) yield return (floats[i], rounded[i]);
            yield break;
        }

        var (floatGraph, graph) = (floatPart.WithOutputs(floatPart.Nodes[input.Index]), part.WithOutputs(input));
        using var floatRunner = EngineRunner.Create(floatGraph, _floatWeights.For(floatGraph), _options);
        using var runner = EngineRunner.Create(graph, new WeightSet(tensors).For(graph), _options);
        float[] a = new float[input.Shape.Count], b = new float[input.Shape.Count];
        for (int i = 0; i < floats.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            floatRunner.Run(floats[i], 1, a, cancellationToken);
            runner.Run(rounded[i], 1, b, cancellationToken);
            yield return (a, b);
        }
    }

    private static float[] Run(EngineRunner runner, float[] input)
    {
        float[] output = new float[runner.OutputShape.Count];
        runner.Run(input, 1, output);
        return output;
    }

    private static float[] Rounded(float[] numbers, ValueQuantization? quantization, IntegerArithmetic arithmetic) => quantization is null
        ? numbers
        : [.. numbers.Select(number => IntegerRounding.Dequantize(IntegerRounding.Quantize(number, quantization, arithmetic), quantization))];
}
