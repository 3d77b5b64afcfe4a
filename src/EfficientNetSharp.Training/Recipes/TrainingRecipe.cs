using EfficientNetSharp.Imaging.Augmentations;

namespace EfficientNetSharp.Training.Recipes;

/// <summary>The optimizers that a recipe may name.</summary>
public enum OptimizerKind
{
    /// <summary>Adam with decoupled weight decay.</summary>
    AdamW,

    /// <summary>Gradient descent with Nesterov's momentum 0.9.</summary>
    SgdNesterov,
}

/// <summary>
/// How a network is trained. The defaults are for small and medium sets (hundreds to some ten thousand pictures); the paper's
/// own recipe is for ImageNet's million.
/// </summary>
public sealed record TrainingRecipe
{
    /// <summary>Passes over the training pictures; default 30.</summary>
    public int Epochs { get; init; } = 30;

    /// <summary>Pictures of a step; default 32.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>The optimizer; default <see cref="OptimizerKind.AdamW"/>.</summary>
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.AdamW;

    /// <summary>
    /// Learning rate after the warm-up; <see langword="null"/> for the optimizer's own default, which grows with the batch: AdamW
    /// 0.002 · √(batch/32), SGD 0.05 · batch/32.
    /// </summary>
    public double? LearningRate { get; init; }

    /// <summary>
    /// Weight decay of kernels (norms and biases have none); <see langword="null"/> for the optimizer's own default: AdamW 0.05,
    /// SGD 5e-5.
    /// </summary>
    public double? WeightDecay { get; init; }

    /// <summary>Epochs of linear warm-up, at most a fifth of the run; default 3.</summary>
    public double WarmUpEpochs { get; init; } = 3;

    /// <summary>Share of the target that is spread over all classes; default 0.1 as in the paper's code.</summary>
    public double LabelSmoothing { get; init; } = 0.1;

    /// <summary>Memory of the averaged weights once warm; default 0.9999 as in the paper's code. 0 turns averaging off.</summary>
    public double EmaDecay { get; init; } = 0.9999;

    /// <summary>Dropout before the classifier; the architecture's where <see langword="null"/>.</summary>
    public double? Dropout { get; init; }

    /// <summary>
    /// Stochastic depth of the last block; default 0.05, as a short run has no time for the 0.2 of the paper. The architecture's
    /// where <see langword="null"/>.
    /// </summary>
    public double? StochasticDepth { get; init; } = 0.05;

    /// <summary>Names the run: weights, order, augmentation and dropout follow from it; default 0.</summary>
    public ulong Seed { get; init; }

    /// <summary>How chance changes the pictures; by default crops cover at least a quarter of a picture, milder than ImageNet's 8 %.</summary>
    public AugmentationOptions Augmentation { get; init; } = new() { MinScale = 0.25 };

    /// <summary>The learning rate after the warm-up, the optimizer's own default filled in.</summary>
    public double PeakLearningRate => LearningRate ?? Optimizer switch
    {
        OptimizerKind.AdamW => 0.002 * Math.Sqrt(BatchSize / 32.0),
        _ => 0.05 * BatchSize / 32.0,
    };

    /// <summary>The weight decay, the optimizer's own default filled in.</summary>
    public double KernelDecay => WeightDecay ?? (Optimizer == OptimizerKind.AdamW ? 0.05 : 5e-5);

    /// <summary>Checks that each number is in its range.</summary>
    /// <exception cref="InvalidInputException">One is not; the message names it.</exception>
    public void Check()
    {
        Require(Epochs is >= 1 and <= 1_000_000, "epochs", Epochs, "1 to 1000000");
        Require(BatchSize is >= 2 and <= 65_536, "batch size", BatchSize, "2 to 65536");
        Require(PeakLearningRate is > 0 and < 1000, "learning rate", PeakLearningRate, "above 0");
        Require(KernelDecay is >= 0 and < 1000, "weight decay", KernelDecay, "0 or more");
        Require(WarmUpEpochs is >= 0 and <= 1_000_000, "warm-up epochs", WarmUpEpochs, "0 or more");
        Require(LabelSmoothing is >= 0 and < 1, "label smoothing", LabelSmoothing, "0 up to 1");
        Require(EmaDecay is >= 0 and < 1, "EMA decay", EmaDecay, "0 up to 1");
        Require(Dropout is null or (>= 0 and < 1), "dropout", Dropout, "0 up to 1");
        Require(StochasticDepth is null or (>= 0 and < 1), "stochastic depth", StochasticDepth, "0 up to 1");
        Require(Enum.IsDefined(Optimizer), "optimizer", Optimizer, string.Join(" or ", Enum.GetNames<OptimizerKind>()));
        Augmentation.Check();

        static void Require(bool holds, string what, object? found, string expected)
        {
            if (!holds) throw new InvalidInputException(FormattableString.Invariant($"The recipe's {what} is {found}, expected {expected}."));
        }
    }
}
