using System.Runtime.InteropServices;
using EfficientNetSharp.Training.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Probing;

/// <summary>
/// Multinomial logistic regression in 64 bits: the head that minimises the mean cross-entropy over some rows plus penalty/2 · ‖W‖², W
/// being the weights of the rows as they are scaled here; the biases are free. The rows are moved to mean 0 and, all features by one
/// factor, to variance 1, so that a penalty means the same for any network.
/// </summary>
/// <remarks>
/// In scikit-learn's terms C = 1 / (penalty · N · scale²) for rows as they are. One factor for all features keeps what a network says by
/// their sizes; a factor for each was worse by 1 to 2 points on photographs.
/// </remarks>
internal sealed class LogisticRegression : IDisposable
{
    private readonly Tensor _rows;
    private readonly Tensor _targets;
    private readonly double[] _mean;
    private readonly double _scale;
    private readonly int _classes;

    /// <summary>Takes the rows to learn from.</summary>
    /// <param name="rows">[N,C], row-major, finite; N ≥ 1.</param>
    /// <param name="labels">[N].</param>
    /// <param name="classes">K ≥ 2.</param>
    public LogisticRegression(ReadOnlySpan<float> rows, ReadOnlySpan<int> labels, int classes)
    {
        int count = labels.Length, features = rows.Length / count;
        _classes = classes;
        (_mean, _scale) = ScalingOf(rows, features);
        _rows = empty(count, features, dtype: ScalarType.Float64);
        var scaled = MemoryMarshal.Cast<byte, double>(_rows.bytes);
        for (int i = 0; i < rows.Length; i++) scaled[i] = (rows[i] - _mean[i % features]) / _scale;
        _targets = zeros(count, classes, dtype: ScalarType.Float64);
        var targets = MemoryMarshal.Cast<byte, double>(_targets.bytes);
        for (int i = 0; i < count; i++) targets[(i * classes) + labels[i]] = 1;
    }

    private int Features => _mean.Length;

    /// <summary>A start for <see cref="Fit"/>: all zeros.</summary>
    public double[] Start => new double[(_classes * Features) + _classes];

    /// <summary>Fits.</summary>
    /// <param name="shares">[N], the rows' weights in the mean, with sum 1: 0 for a row that is held out.</param>
    /// <param name="penalty">Above 0.</param>
    /// <param name="point">Where to start; where it ended, to start at with another penalty.</param>
    /// <param name="options">When to end.</param>
    /// <returns>The head for rows as they were given, not scaled.</returns>
    public LinearHead Fit(ReadOnlySpan<double> shares, double penalty, double[] point, LbfgsOptions options)
    {
        using var weighting = tensor(shares.ToArray(), shares.Length, 1);
        Lbfgs.Minimize(point, (at, gradient) => Evaluate(weighting, penalty, at, gradient), options);
        double[] weights = point[..(_classes * Features)], biases = point[(_classes * Features)..];
        for (int i = 0; i < weights.Length; i++)
        {
            weights[i] /= _scale;
            biases[i / Features] -= weights[i] * _mean[i % Features];
        }

        return new LinearHead([.. weights.Select(value => (float)value)], [.. biases.Select(value => (float)value)]);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _rows.Dispose();
        _targets.Dispose();
    }

    /// <summary>What is minimised, and its gradient: the weights' [K,C], then the biases' [K].</summary>
    /// <param name="shares">[N,1].</param>
    /// <param name="penalty">The penalty.</param>
    /// <param name="point">Weights and biases.</param>
    /// <param name="gradient">Receives the gradient.</param>
    internal double Evaluate(Tensor shares, double penalty, ReadOnlySpan<double> point, Span<double> gradient)
    {
        using var silent = no_grad();
        using var scope = NewDisposeScope();
        int weightCount = _classes * Features;
        var all = empty(point.Length, dtype: ScalarType.Float64);
        point.CopyTo(MemoryMarshal.Cast<byte, double>(all.bytes));
        var weights = all.slice(0, 0, weightCount, 1).view(_classes, Features);
        var logits = addmm(all.slice(0, weightCount, point.Length, 1), _rows, weights.t(), 1, 1);
        var logShares = nn.functional.log_softmax(logits, 1);
        double loss = -logShares.mul(_targets).mul_(shares).sum().Number();
        var error = logShares.exp().sub_(_targets).mul_(shares);
        var slope = error.t().mm(_rows).add_(weights, alpha: Scalars.Of(penalty));
        MemoryMarshal.Cast<byte, double>(slope.contiguous().bytes).CopyTo(gradient);
        MemoryMarshal.Cast<byte, double>(error.sum([0L]).bytes).CopyTo(gradient[weightCount..]);
        return loss + (penalty / 2 * weights.Squared().sum().Number());
    }

    private static (double[] Mean, double Scale) ScalingOf(ReadOnlySpan<float> rows, int features)
    {
        double[] mean = new double[features];
        int count = rows.Length / features;
        for (int i = 0; i < rows.Length; i++) mean[i % features] += rows[i];
        for (int c = 0; c < features; c++) mean[c] /= count;
        double squares = 0;
        for (int i = 0; i < rows.Length; i++)
        {
            double off = rows[i] - mean[i % features];
            squares += off * off;
        }

        // Rows that are all alike tell nothing apart; any factor will do.
        double scale = Math.Sqrt(squares / rows.Length);
        return (mean, scale > 0 ? scale : 1);
    }
}
