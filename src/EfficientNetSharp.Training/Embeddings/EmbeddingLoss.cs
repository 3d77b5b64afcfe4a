using System.Collections.Immutable;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Randomness;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Tasks;

namespace EfficientNetSharp.Training.Embeddings;

/// <summary>A loss of embeddings by their identities; in 32 or 64 bits, as its input is.</summary>
internal abstract class EmbeddingLoss
{
    /// <summary>A centre or proxy per identity, [C·K,D].</summary>
    public const string Centers = "task.centers";

    // Keeps its draws apart from those of the network's parameters, whose streams are hashes of names.
    private const ulong CenterStream = 0x63656E74657273;

    /// <summary>The loss that options name.</summary>
    public static EmbeddingLoss Of(EmbeddingOptions options) =>
        options.HasMargin ? new MarginLoss(options) : options.HasPairs ? new PairLoss(options) : new ProxyAnchorLoss(options);

    /// <summary>What it trains and keeps.</summary>
    /// <param name="identities">C.</param>
    /// <param name="features">D.</param>
    /// <param name="seed">Names the draws.</param>
    public abstract ImmutableArray<TaskParameter> Parameters(int identities, int features, ulong seed);

    /// <summary>The loss of some images.</summary>
    public abstract EmbeddingLossValue Of(EmbeddingBatch batch);

    // Only directions count where centres are normalised, but the optimizer's steps are as large as the gradients, which fall with the
    // length.
    // A row's draw is its own, so that a process draws its rows alone.
    private protected static TaskParameter DrawCenters((int First, int End) rows, int features, double deviation, ulong seed)
    {
        var (first, end) = rows;
        var values = new float[checked((end - first) * features)];
        for (int row = first; row < end; row++)
        {
            var random = new SeededRandom(seed, CenterStream, (ulong)row);
            foreach (ref float value in values.AsSpan((row - first) * features, features)) value = (float)(deviation * random.NextGaussian());
        }

        var parameter = new Parameter(Centers, [end - first, features], ParameterRole.LinearKernel);
        return new TaskParameter(parameter, new WeightTensor(parameter.Shape, values));
    }

    // Not trained: a running value, which checkpoints keep as they keep running statistics.
    private protected static TaskParameter Keep(string name, ImmutableArray<int> shape, float[] values) =>
        new(new Parameter(name, shape, ParameterRole.RunningMean), new WeightTensor(shape, values));
}
