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
    private protected static TaskParameter DrawCenters(int rows, int features, double deviation, double rate, ulong seed)
    {
        var random = new SeededRandom(seed, CenterStream);
        var values = new float[checked(rows * features)];
        for (int i = 0; i < values.Length; i++) values[i] = (float)(deviation * random.NextGaussian());
        var parameter = new Parameter(Centers, [rows, features], ParameterRole.LinearKernel);
        return new TaskParameter(parameter, new WeightTensor(parameter.Shape, values)) { RateScale = rate };
    }

    // Not trained: a running value, which checkpoints keep as they keep running statistics.
    private protected static TaskParameter Keep(string name, ImmutableArray<int> shape, float[] values) =>
        new(new Parameter(name, shape, ParameterRole.RunningMean), new WeightTensor(shape, values));
}
