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

    // How longer patches vary together would take gigabytes, and more images than anyone has; a flattened map has 25,088 numbers.
    private const int MaxPatchLength = 5000;

    // Most patches of an image.
    private const int Block = 512;

    // A layer's inputs for all images, of both networks: 256 MB.
    private const long MaxKept = 64 << 20;

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

    /// <summary>
    /// Whether weights are rounded by their effect on the layer's outputs (<c>AdaRound</c>'s objective), not to the nearest; those of more
    /// than 5,000 inputs to an output are left as they are.
    /// </summary>
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
        var inputs = Kept(visit, images);
        if (AdaptsRounding && patches.Length <= MaxPatchLength)
        {
            PatchCovariance[] covariances = [.. Enumerable.Range(0, patches.Groups).Select(_ => new PatchCovariance(patches.Length))];
            int wanted = Math.Clamp(PatchesPerNumber * patches.Length, MinPatches, MaxPatches);
            ForPatches(patches, inputs, node.Index, (wanted + images - 1) / images, (group, floats, rounded, count) =>
                covariances[group].Add(rounded, floats, count));
            tensor = Rounded(patches, covariances, weights, kernel, tensor);
            yield return new(node.Parameters[0].Name, tensor);
        }

        if (!CorrectsBiases || node.Parameters.FirstOrDefault(parameter => parameter.Role == ParameterRole.Bias) is not { } bias) yield break;
        var correction = new BiasCorrection(weights, tensor.Values, patches.Outputs, patches.Groups);
        ForPatches(patches, inputs, node.Index, (MinPatches + images - 1) / images, correction.Add);
        var corrected = new WeightTensor(_weights[bias].Shape, correction.Correct(_weights[bias].Values));
        yield return new(bias.Name, plan.ComputesInIntegers(quantized, node)
            ? IntegerWeights.RoundBias(quantized, node, corrected)
            : corrected);
    }

    // What fits into memory is computed once; otherwise it is computed again for each use.
    private static IEnumerable<(float[] Floats, float[] Rounded)> Kept(LayerVisit visit, int images) =>
        2 * images * visit.InputShape.Count > MaxKept ? visit.Inputs
            : [.. visit.Inputs.Select(pair => (pair.Floats.AsSpan().ToArray(), pair.Rounded.AsSpan().ToArray()))];

    private static void ForPatches(
        LayerPatches patches, IEnumerable<(float[] Floats, float[] Rounded)> inputs, int seed, int perImage, Action<int, float[], float[], int> take)
    {
        int image = 0, count = Math.Min(patches.Positions, Math.Min(perImage, Block));
        float[] a = new float[count * patches.Length], b = new float[a.Length];
        foreach (var (floats, rounded) in inputs)
        {
            // Spread evenly, beginning anywhere.
            double step = (double)patches.Positions / count, start = new SeededRandom((ulong)seed, (ulong)image++).NextDouble() * step;
            for (int group = 0; group < patches.Groups; group++)
            {
                for (int i = 0; i < count; i++)
                {
                    int place = Math.Min((int)(start + (i * step)), patches.Positions - 1);
                    patches.Copy(floats, group, place, a.AsSpan(i * patches.Length, patches.Length));
                    patches.Copy(rounded, group, place, b.AsSpan(i * patches.Length, patches.Length));
                }

                take(group, a, b, count);
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
