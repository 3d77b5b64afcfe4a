using EfficientNetSharp.Arrays;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Inference;
using EfficientNetSharp.Models;
using EfficientNetSharp.Quantization.Layers;
using EfficientNetSharp.Quantization.Making;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Quantization.Repairs;

/// <summary>
/// Repairs the integers of a plan, layer after layer on images: each layer is fitted to the inputs that the repaired layers before it
/// yield, so that errors do not add up. The plan may be any mix of types.
/// </summary>
public sealed class PlanRepair
{
    // Enough patches for each number of a patch, within reason.
    private const int PatchesPerNumber = 8, MinPatches = 2048, MaxPatches = 16384;

    // Patches that are summed up at once.
    private const int Block = 512;

    private readonly Graph _floats;
    private readonly WeightSet _weights;
    private readonly PlanOptions? _options;

    /// <summary>Takes the network that plans are made for.</summary>
    /// <param name="graph">The folded network.</param>
    /// <param name="weights">Its weights as floats.</param>
    /// <param name="options">How the engine runs it; <see langword="null"/> for the usual.</param>
    public PlanRepair(Graph graph, WeightSet weights, PlanOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(weights);
        graph.EnsureFloat("Repair");
        (_floats, _weights, _options) = (graph, weights, options);
    }

    /// <summary>Whether weights are rounded by their effect on the layer's outputs (<c>AdaRound</c>'s objective), not to the nearest.</summary>
    public bool AdaptsRounding { get; init; }

    /// <summary>Whether biases are corrected for what rounding shifts.</summary>
    public bool CorrectsBiases { get; init; } = true;

    /// <summary>Repairs the integers of a plan.</summary>
    /// <param name="quantized">The network with its plan.</param>
    /// <param name="integers">Its weights.</param>
    /// <param name="images">Images to fit to, [C,H,W], normalised.</param>
    /// <param name="progress">Told of the share that is done.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The weights; the plan stays as it is.</returns>
    /// <exception cref="InvalidInputException">The network has no plan, or there is no image.</exception>
    public WeightSet Apply(
        Graph quantized, WeightSet integers, IReadOnlyList<float[]> images, IProgress<double>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(quantized);
        ArgumentNullException.ThrowIfNull(integers);
        ArgumentNullException.ThrowIfNull(images);
        if (quantized.Quantization is not { } plan) throw new InvalidInputException("The network has no plan to repair; make one first.");
        if (images.Count == 0) throw new InvalidInputException("Repair fits the network to images, found none; give some.");
        var walk = new LayerWalk(_floats, _weights, quantized, _options);
        return walk.Run(integers, images, visit => Repair(visit, quantized, plan, integers, images.Count), progress, cancellationToken);
    }

    private IEnumerable<KeyValuePair<string, WeightTensor>> Repair(
        LayerVisit visit, Graph quantized, QuantizationPlan plan, WeightSet integers, int images)
    {
        var node = quantized[visit.Node.Name];
        var patches = new LayerPatches(node, visit.InputShape);
        var (kernel, tensor) = (plan.OfKernel(node)!, integers[node.Parameters[0]]);
        float[] weights = _weights[node.Parameters[0]].Values;
        var covariances = new PatchCovariance[AdaptsRounding ? patches.Groups : 0];
        for (int group = 0; group < covariances.Length; group++) covariances[group] = new PatchCovariance(patches.Length);
        var means = new List<(double[] Floats, double[] Rounded)>();
        foreach (var (floats, rounded) in visit.Inputs)
        {
            if (AdaptsRounding)
                AddPatches(patches, covariances, floats, rounded, images, new SeededRandom((ulong)node.Index, (ulong)means.Count));
            means.Add((patches.MeanOf(floats), patches.MeanOf(rounded)));
        }

        if (AdaptsRounding)
        {
            tensor = Rounded(patches, covariances, weights, kernel, tensor);
            yield return new(node.Parameters[0].Name, tensor);
        }

        if (!CorrectsBiases || node.Parameters.FirstOrDefault(parameter => parameter.Role == ParameterRole.Bias) is not { } bias) yield break;
        float[] corrected = BiasCorrection.Correct(_weights[bias].Values, weights, tensor.Values, patches.Groups, means);
        var shaped = new WeightTensor(_weights[bias].Shape, corrected);
        yield return new(bias.Name, plan.ComputesInIntegers(quantized, node)
            ? IntegerWeights.RoundBias(quantized, node, shaped)
            : shaped);
    }

    private static void AddPatches(
        LayerPatches patches, PatchCovariance[] covariances, float[] floats, float[] rounded, int images, SeededRandom random)
    {
        int wanted = Math.Clamp(PatchesPerNumber * patches.Length, MinPatches, MaxPatches);
        int count = Math.Min(patches.Positions, (wanted + images - 1) / images);
        var places = new int[count];
        // Spread evenly, beginning anywhere.
        double step = (double)patches.Positions / count, start = random.NextDouble() * step;
        for (int i = 0; i < count; i++) places[i] = Math.Min((int)(start + (i * step)), patches.Positions - 1);
        float[] x = new float[Math.Min(count, Block) * patches.Length], y = new float[x.Length];
        for (int group = 0; group < covariances.Length; group++)
        {
            foreach (int[] block in places.Chunk(Block))
            {
                for (int i = 0; i < block.Length; i++)
                {
                    patches.Copy(rounded, group, block[i], x.AsSpan(i * patches.Length, patches.Length));
                    patches.Copy(floats, group, block[i], y.AsSpan(i * patches.Length, patches.Length));
                }

                covariances[group].Add(x, y, block.Length);
            }
        }
    }

    private static WeightTensor Rounded(
        LayerPatches patches, PatchCovariance[] covariances, float[] weights, ParameterQuantization kernel, WeightTensor tensor)
    {
        var (min, max) = kernel.Bounds;
        int perGroup = patches.Outputs / patches.Groups * patches.Length;
        long[] integers = new long[weights.Length];
        for (int group = 0; group < patches.Groups; group++)
        {
            RowRounding[] rows = [.. Enumerable.Range(group * patches.Outputs / patches.Groups, patches.Outputs / patches.Groups)
                .Select(row => new RowRounding(kernel.ScaleOf(row), min - kernel.ZeroPoint, max - kernel.ZeroPoint))];
            int[] chosen = AdaptiveRounding.Solve(weights.AsSpan(group * perGroup, perGroup).ToArray(), patches.Length, rows, covariances[group]);
            for (int i = 0; i < chosen.Length; i++) integers[(group * perGroup) + i] = chosen[i] + kernel.ZeroPoint;
        }

        return WeightTensor.OfIntegers(tensor.Shape, IntegerValues.Of(kernel.Type, integers), kernel.Scales.AsSpan(), kernel.ZeroPoint);
    }
}
