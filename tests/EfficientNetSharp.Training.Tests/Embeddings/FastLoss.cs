using EfficientNetSharp.Training.Embeddings;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Tasks;
using EfficientNetSharp.Training.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Tests.Embeddings;

/// <summary>A loss of embeddings by libtorch, in 64 bits, with its gradients.</summary>
internal sealed class FastLoss
{
    private readonly double[] _lengths;
    private readonly Dictionary<string, Tensor> _kept;

    public FastLoss(EmbeddingOptions options, double[][] rows, int[] labels, double[][] centers, long[]? sampled = null,
        LossPhase? phase = null)
    {
        TorchRuntime.Prepare();
        using var scope = NewDisposeScope();
        var loss = EmbeddingLoss.Of(options);
        _kept = TensorsOf(loss.Parameters(Math.Max(1, centers.Length), rows[0].Length, 0)).ToDictionary(StringComparer.Ordinal);
        if (options.HasCenters) _kept[EmbeddingLoss.Centers] = TensorOf(centers).requires_grad_(true);
        var batch = BatchOf(rows, labels, _kept) with
        {
            Sampled = sampled is null ? null : tensor(sampled), Phase = phase ?? LossPhase.Settled,
        };
        var value = loss.Of(batch).Value;
        value.backward();
        Value = value.ReadCpuDouble(0);
        RowGradient = Numbers(batch.Embeddings.grad!);
        if (options.HasCenters) CenterGradient = Numbers(_kept[EmbeddingLoss.Centers].grad!);
        _lengths = [.. rows.Select(SlowLosses.LengthOf)];
        Statistics = _kept.TryGetValue(MarginLoss.Lengths, out var lengths) ? Numbers(lengths) : [20, 100];
        Progress = _kept.TryGetValue(MarginLoss.Progress, out var progress) ? Numbers(progress)[0] : 0;
    }

    public double Value { get; }

    public double[] RowGradient { get; }

    public double[]? CenterGradient { get; }

    public double[] Statistics { get; }

    public double Progress { get; }

    /// <summary>The formula, with what the loss has measured of the batch and takes for a constant.</summary>
    public SlowLosses Slow(EmbeddingOptions options) =>
        new(options) { Lengths = _lengths, Statistics = (Statistics[0], Statistics[1]), Progress = Progress };

    public static Dictionary<string, Tensor> TensorsOf(IEnumerable<TaskParameter> parameters) => parameters.ToDictionary(
        one => one.Parameter.Name,
        one => tensor(one.Initial.Values.ToArray(), [.. one.Parameter.Shape.Select(side => (long)side)]).to(ScalarType.Float64),
        StringComparer.Ordinal);

    public static EmbeddingBatch BatchOf(double[][] rows, int[] labels, IReadOnlyDictionary<string, Tensor> kept) => new()
    {
        Embeddings = TensorOf(rows).requires_grad_(true),
        Labels = tensor(labels.Select(label => (long)label).ToArray()),
        Parameters = kept,
    };

    private static Tensor TensorOf(double[][] rows) => tensor(rows.SelectMany(row => row).ToArray(), [rows.Length, rows[0].Length]);

    private static double[] Numbers(Tensor values) => values.detach().to(ScalarType.Float64).data<double>().ToArray();
}
