using System.Buffers;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Training.Distributed;
using EfficientNetSharp.Vectors;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Torch.Functions;

/// <summary>
/// Batch normalisation and the function after it as one, over maps with channels innermost: y = f(γ·(x − μ)/√(σ² + ε) + β) with the
/// batch's own μ and σ² (Ioffe and Szegedy 2015, algorithm 1), or with the running ones. Only x is kept for the way back; what lies between
/// is computed anew there, which is cheaper than the memory's way.
/// </summary>
/// <remarks>
/// Means and squares are taken over pieces of rows and joined in 64 bits (Chan, Golub and LeVeque 1983), always in the same order.
/// With a group of processes the sums are those of all its images, forwards and backwards.
/// </remarks>
internal sealed unsafe class BatchNormFunction : IDisposable
{
    private readonly Tensor _x;
    private readonly ActivationKind _activation;
    private readonly IProcessGroup? _group;
    private readonly double[] _means, _inverses;
    private readonly double _count;
    private readonly Tensor _gamma, _beta;

    private readonly bool _isFixed;

    private BatchNormFunction(Tensor x, in BatchNormOperands operands, double[] means, double[] inverses, double count)
    {
        (_x, _activation, _group, _gamma, _beta) = (x, operands.Activation, operands.Group, operands.Gamma, operands.Beta);
        (_means, _inverses, _count, _isFixed) = (means, inverses, count, operands.IsFixed);
    }

    private int Channels => _means.Length;

    /// <summary>
    /// Normalises with the batch's statistics and renews the running ones, or, where these are fixed, with them as they are.
    /// </summary>
    /// <param name="map">[N,C,H,W].</param>
    /// <param name="operands">Parameters and statistics.</param>
    /// <param name="y">[N,C,H,W]; the caller disposes it.</param>
    /// <returns>The way back.</returns>
    public static BatchNormFunction Forward(Tensor map, in BatchNormOperands operands, out Tensor y)
    {
        var x = Maps.Innermost(map).DetachFromDisposeScope();
        var result = operands.IsFixed ? OfRunning(x, operands) : OfBatch(x, operands);
        y = Maps.NewLike(x);
        Differentiables.Choose(operands.Activation, new Application(result, Maps.PointerOf(y)));
        return result;
    }

    private static BatchNormFunction OfBatch(Tensor x, in BatchNormOperands operands)
    {
        int channels = (int)x.shape[1], rows = (int)(x.numel() / channels);
        var (means, squares, count) = Moments(Maps.PointerOf(x), rows, channels, operands.Group);
        var inverses = new double[channels];
        var runningMeans = TensorMemory.SpanOf(operands.RunningMeans);
        var runningVariances = TensorMemory.SpanOf(operands.RunningVariances);
        for (int c = 0; c < channels; c++)
        {
            double variance = squares[c] / count;
            inverses[c] = 1 / Math.Sqrt(variance + operands.Epsilon);
            runningMeans[c] = (float)(((1 - operands.Momentum) * runningMeans[c]) + (operands.Momentum * means[c]));
            runningVariances[c] =
                (float)(((1 - operands.Momentum) * runningVariances[c]) + (operands.Momentum * squares[c] / Math.Max(1, count - 1)));
        }

        return new BatchNormFunction(x, operands, means, inverses, count);
    }

    private static BatchNormFunction OfRunning(Tensor x, in BatchNormOperands operands)
    {
        var runningMeans = TensorMemory.SpanOf(operands.RunningMeans);
        var runningVariances = TensorMemory.SpanOf(operands.RunningVariances);
        double[] means = new double[runningMeans.Length], inverses = new double[runningMeans.Length];
        for (int c = 0; c < means.Length; c++)
        {
            means[c] = runningMeans[c];
            inverses[c] = 1 / Math.Sqrt(runningVariances[c] + operands.Epsilon);
        }

        return new BatchNormFunction(x, operands, means, inverses, count: 0);
    }

    /// <summary>Adds the gradients of γ and β to the vectors given, and turns the gradient of y into that of x.</summary>
    /// <param name="gradient">The gradient of y, with channels innermost; it is overwritten by that of x.</param>
    /// <param name="gammaGradient">[C]; <see langword="null"/> where γ and β do not learn.</param>
    /// <param name="betaGradient">[C].</param>
    public void Backward(Tensor gradient, Tensor? gammaGradient, Tensor? betaGradient) =>
        Differentiables.Choose(_activation, new Return(this, Maps.PointerOf(gradient), gammaGradient, betaGradient));

    /// <inheritdoc />
    public void Dispose() => _x.Dispose();

    private static (double[] Means, double[] Squares, double Count) Moments(float* x, int rows, int channels, IProcessGroup? group)
    {
        int rowsOfPiece = Pieces.RowsOf(channels), pieces = Pieces.Count(rows, rowsOfPiece);
        float[] rented = ArrayPool<float>.Shared.Rent(Math.Max(1, 2 * pieces * channels));
        var means = new double[channels];
        var squares = new double[channels];
        fixed (float* found = rented)
        {
            float* sums = found;
            Pieces.Run(pieces, piece =>
            {
                float* at = sums + ((nint)2 * piece * channels);
                var work = new MomentsOfRows
                {
                    X = x + ((nint)piece * rowsOfPiece * channels),
                    Count = Math.Min(rowsOfPiece, rows - (piece * rowsOfPiece)),
                    Channels = channels,
                    Means = at,
                    Squares = at + channels,
                };
                VectorWidth.Choose(channels, ref work);
            });
            double count = 0;
            for (int piece = 0; piece < pieces; piece++)
            {
                int more = Math.Min(rowsOfPiece, rows - (piece * rowsOfPiece));
                float* at = found + ((nint)2 * piece * channels);
                double share = more / (count + more), weight = count * share;
                for (int c = 0; c < channels; c++)
                {
                    double difference = at[c] - means[c];
                    means[c] += difference * share;
                    squares[c] += at[channels + c] + (difference * difference * weight);
                }

                count += more;
            }
        }

        ArrayPool<float>.Shared.Return(rented);
        return group is null ? (means, squares, rows) : Joined(means, squares, rows, group);
    }

    // n·μ and Σ x² in 64 bits: their difference loses digits only where a mean is a million times its spread.
    private static (double[] Means, double[] Squares, double Count) Joined(double[] means, double[] squares, double count,
        IProcessGroup group)
    {
        int channels = means.Length;
        var sums = new double[(2 * channels) + 1];
        for (int c = 0; c < channels; c++)
        {
            sums[c] = count * means[c];
            sums[channels + c] = squares[c] + (count * means[c] * means[c]);
        }

        sums[^1] = count;
        group.AllReduceSum(sums.AsSpan());
        double all = sums[^1];
        for (int c = 0; c < channels; c++)
        {
            means[c] = sums[c] / all;
            squares[c] = Math.Max(0, sums[channels + c] - (all * means[c] * means[c]));
        }

        return (means, squares, all);
    }

    // γ/√(σ² + ε), β − μ·γ/√(σ² + ε) and μ, one after the other.
    private float[] Coefficients()
    {
        int channels = Channels;
        var coefficients = new float[3 * channels];
        Span<float> gamma = TensorMemory.SpanOf(_gamma), beta = TensorMemory.SpanOf(_beta);
        for (int c = 0; c < channels; c++)
        {
            double scale = gamma[c] * _inverses[c];
            coefficients[c] = (float)scale;
            coefficients[channels + c] = (float)(beta[c] - (_means[c] * scale));
            coefficients[(2 * channels) + c] = (float)_means[c];
        }

        return coefficients;
    }

    private readonly struct Application(BatchNormFunction of, float* y) : IDifferentiableUser
    {
        public void Use<TFunction>()
            where TFunction : struct, IDifferentiable
        {
            int channels = of.Channels, rows = (int)(of._x.numel() / channels), rowsOfPiece = Pieces.RowsOf(channels);
            float* from = Maps.PointerOf(of._x), to = y;
            fixed (float* coefficients = of.Coefficients())
            {
                float* scales = coefficients;
                Pieces.Run(Pieces.Count(rows, rowsOfPiece), piece =>
                {
                    nint at = (nint)piece * rowsOfPiece * channels;
                    var work = new ScaledFunctionOfRows<TFunction>
                    {
                        X = from + at, Y = to + at, Count = Math.Min(rowsOfPiece, rows - (piece * rowsOfPiece)), Channels = channels,
                        Scales = scales, Shifts = scales + channels,
                    };
                    VectorWidth.Choose(channels, ref work);
                });
            }
        }
    }

    private readonly struct Return(BatchNormFunction of, float* gradient, Tensor? gammaGradient, Tensor? betaGradient) : IDifferentiableUser
    {
        public void Use<TFunction>()
            where TFunction : struct, IDifferentiable
        {
            int channels = of.Channels, rows = (int)(of._x.numel() / channels), rowsOfPiece = Pieces.RowsOf(channels);
            int pieces = Pieces.Count(rows, rowsOfPiece);
            float* x = Maps.PointerOf(of._x), dy = gradient;
            float[] rented = ArrayPool<float>.Shared.Rent(Math.Max(1, 2 * pieces * channels));
            var slopes = new float[2 * channels];
            fixed (float* coefficients = of.Coefficients(), found = rented, lines = slopes)
            {
                float* scales = coefficients, sums = found, slope = lines;
                if (of._isFixed)
                {
                    Pieces.Run(pieces, piece =>
                    {
                        nint at = (nint)piece * rowsOfPiece * channels;
                        float* to = sums + ((nint)2 * piece * channels);
                        var work = new FixedGradientOfRows<TFunction>
                        {
                            X = x + at, Gradient = dy + at, Count = Math.Min(rowsOfPiece, rows - (piece * rowsOfPiece)),
                            Channels = channels, Scales = scales, Shifts = scales + channels, Means = scales + (2 * channels),
                            Sums = to, Products = to + channels,
                        };
                        VectorWidth.Choose(channels, ref work);
                    });
                    of.AddParameterGradients(of.Sums(found, pieces), gammaGradient, betaGradient);
                    ArrayPool<float>.Shared.Return(rented);
                    return;
                }

                Pieces.Run(pieces, piece =>
                {
                    nint at = (nint)piece * rowsOfPiece * channels;
                    float* to = sums + ((nint)2 * piece * channels);
                    var work = new GradientSumsOfRows<TFunction>
                    {
                        X = x + at, Gradient = dy + at, Count = Math.Min(rowsOfPiece, rows - (piece * rowsOfPiece)), Channels = channels,
                        Scales = scales, Shifts = scales + channels, Means = scales + (2 * channels), Sums = to, Products = to + channels,
                    };
                    VectorWidth.Choose(channels, ref work);
                });
                of.Lines(found, pieces, gammaGradient, betaGradient, slopes);
                Pieces.Run(pieces, piece =>
                {
                    nint at = (nint)piece * rowsOfPiece * channels;
                    var work = new InputGradientOfRows<TFunction>
                    {
                        X = x + at, Gradient = dy + at, Result = dy + at, Count = Math.Min(rowsOfPiece, rows - (piece * rowsOfPiece)),
                            Channels = channels,
                        Scales = scales, Shifts = scales + channels, Slopes = slope, Offsets = slope + channels,
                    };
                    VectorWidth.Choose(channels, ref work);
                });
            }

            ArrayPool<float>.Shared.Return(rented);
        }
    }

    // Σ dz and Σ dz·(x − μ) over all pieces.
    private double[] Sums(float* found, int pieces)
    {
        var sums = new double[2 * Channels];
        for (int piece = 0; piece < pieces; piece++)
        {
            float* at = found + ((nint)2 * piece * Channels);
            for (int i = 0; i < sums.Length; i++) sums[i] += at[i];
        }

        return sums;
    }

    // dγ = Σ dz·x̂ and dβ = Σ dz, of this process.
    private void AddParameterGradients(double[] sums, Tensor? gammaGradient, Tensor? betaGradient)
    {
        if (gammaGradient is null || betaGradient is null) return;
        Span<float> dGamma = TensorMemory.SpanOf(gammaGradient), dBeta = TensorMemory.SpanOf(betaGradient);
        for (int c = 0; c < Channels; c++)
        {
            dGamma[c] += (float)(sums[Channels + c] * _inverses[c]);
            dBeta[c] += (float)sums[c];
        }
    }

    // dx = a·(dz − Σ dz/n − x̂·Σ dz·x̂/n) with the sums of all processes, expressed as a·dz + p·x + q.
    private void Lines(float* found, int pieces, Tensor? gammaGradient, Tensor? betaGradient, Span<float> slopes)
    {
        int channels = Channels;
        double[] sums = Sums(found, pieces);
        AddParameterGradients(sums, gammaGradient, betaGradient);
        _group?.AllReduceSum(sums.AsSpan());
        var gamma = TensorMemory.SpanOf(_gamma);
        for (int c = 0; c < channels; c++)
        {
            double scale = gamma[c] * _inverses[c], slope = -scale * _inverses[c] * _inverses[c] * sums[channels + c] / _count;
            slopes[c] = (float)slope;
            slopes[channels + c] = (float)((-scale * sums[c] / _count) - (slope * _means[c]));
        }
    }
}

/// <summary>What a batch normalisation works with.</summary>
/// <param name="Gamma">[C]: scales.</param>
/// <param name="Beta">[C]: shifts.</param>
/// <param name="RunningMeans">[C], renewed.</param>
/// <param name="RunningVariances">[C], renewed; of the unbiased variance, as in libtorch.</param>
/// <param name="Epsilon">Added to the variance.</param>
/// <param name="Momentum">The batch's share of the new running statistics.</param>
/// <param name="Activation">The function that follows.</param>
/// <param name="Group">Whose images make up the batch; <see langword="null"/> for those of this process.</param>
internal readonly record struct BatchNormOperands(
    Tensor Gamma, Tensor Beta, Tensor RunningMeans, Tensor RunningVariances, double Epsilon, double Momentum, ActivationKind Activation,
    IProcessGroup? Group)
{
    /// <summary>Whether the running statistics are used in place of the batch's, and stay as they are.</summary>
    public bool IsFixed { get; init; }
}
