using EfficientNetSharp.Data.Mixing;
using EfficientNetSharp.Imaging.Transforms;
using EfficientNetSharp.Training.Distributed;
using EfficientNetSharp.Training.Gradients;
using EfficientNetSharp.Training.Optimizers;
using EfficientNetSharp.Training.Schedules;
using EfficientNetSharp.Training.Torch;

namespace EfficientNetSharp.Training.Recipes;

/// <summary>
/// How a network is trained. The defaults are for small and medium sets (hundreds to some ten thousand images), from scratch; the
/// paper's own recipe, for ImageNet's million, is <c>recipes/imagenet_tpu.json</c>.
/// </summary>
public sealed record TrainingRecipe
{
    /// <summary>What is trained for; default <see cref="TaskKind.Classification"/>.</summary>
    public TaskKind Task { get; init; }

    /// <summary>How an embedding is trained, where <see cref="Task"/> is one.</summary>
    public EmbeddingOptions Embedding { get; init; } = new();

    /// <summary>Passes over the training images, those of <see cref="ProbeEpochs"/> not counted; default 30.</summary>
    public int Epochs { get; init; } = 30;

    /// <summary>Epochs before the others in which the classifier alone learns, all else as at inference; default 0.</summary>
    public int ProbeEpochs { get; init; }

    /// <summary>
    /// Steps that the run has at least, probe epochs not counted: with few images each epoch passes over them as often as that needs.
    /// Default 0, one pass per epoch.
    /// </summary>
    public int MinSteps { get; init; }

    /// <summary>
    /// How training from trained weights begins; <see langword="null"/>, the default, for a classifier drawn anew. Without trained weights,
    /// or where the model keeps its classifier, it is left aside.
    /// </summary>
    public ProbeOptions? Probe { get; init; }

    /// <summary>Images of an optimizer step; default 32.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>
    /// Parts that a step's batch is computed in, one after the other, for less memory; default 1. All but the statistics of batch
    /// normalisations, which see a part at a time, is as if it were computed at once.
    /// </summary>
    public int Accumulation { get; init; } = 1;

    /// <summary>The optimizer; default <see cref="OptimizerKind.AdamW"/>.</summary>
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.AdamW;

    /// <summary>
    /// Memory of the gradients' mean, or share of the last step that is kept; <see langword="null"/> for 0.9, which all optimizers have.
    /// </summary>
    public double? Momentum { get; init; }

    /// <summary>
    /// What keeps the optimizer's division finite; <see langword="null"/> for its own: AdamW 1e-8, LAMB 1e-6, RMSProp 1e-3.
    /// </summary>
    public double? OptimizerEpsilon { get; init; }

    /// <summary>
    /// Learning rate after the warm-up; <see langword="null"/> for the optimizer's own default, which grows with the batch: AdamW
    /// 0.002 · √(batch/32), LAMB 0.005 · √(batch/32), SGD 0.05 · batch/32, RMSProp 0.016 · batch/256.
    /// </summary>
    public double? LearningRate { get; init; }

    /// <summary>
    /// The batch that <see cref="LearningRate"/> is for: it is multiplied by batch/this (Goyal et al. 2017). <see langword="null"/>
    /// for a rate that is taken as it is.
    /// </summary>
    public int? LearningRateBatch { get; init; }

    /// <summary>Multiplies the learning rate, given or default; a quarter for fine-tuning (tensorflow/tpu issue 476). Default 1.</summary>
    public double LearningRateScale { get; init; } = 1;

    /// <summary>Learning rate of <see cref="ProbeEpochs"/>; <see langword="null"/> for that after the warm-up.</summary>
    public double? ProbeLearningRate { get; init; }

    /// <summary>Warm-up and way down of the learning rate; default half a cosine.</summary>
    public ScheduleOptions Schedule { get; init; } = new();

    /// <summary>
    /// Share of the learning rate that each block has of the one after it, from the classifier down to the stem; default 1, all alike.
    /// </summary>
    public double LayerDecay { get; init; } = 1;

    /// <summary>
    /// Weight decay; <see langword="null"/> for the optimizer's own default: AdamW 0.05, LAMB 0.02, SGD 5e-5, RMSProp 1e-5.
    /// </summary>
    public double? WeightDecay { get; init; }

    /// <summary>What decays; default <see cref="DecayRule.Kernels"/>.</summary>
    public DecayRule DecayRule { get; init; }

    /// <summary>Limits of the gradients; default none.</summary>
    public ClippingOptions Clipping { get; init; } = new();

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

    /// <summary>
    /// Parts that do not learn, such as <c>stem,0-2</c>; see <see cref="Transfer.FreezeRule"/>. Default empty: all learn.
    /// </summary>
    public string Freeze { get; init; } = "";

    /// <summary>
    /// Whether batch normalisations keep the running statistics of the weights that training starts from, for batches too small to measure any;
    /// default false. Weights that are drawn have none, and are refused.
    /// </summary>
    public bool FixedStatistics { get; init; }

    /// <summary>
    /// Training batches by which the running statistics of the best epoch are measured anew at the end; default 0, off. What is
    /// worse by validation is not kept.
    /// </summary>
    public int PreciseStatisticsBatches { get; init; }

    /// <summary>How much a teacher counts, where there is one.</summary>
    public DistillationOptions Distillation { get; init; } = new();

    /// <summary>Epochs without a better validation after which the run ends; default 0, never.</summary>
    public int Patience { get; init; }

    /// <summary>How many of the best epochs' models are kept; default 1.</summary>
    public int KeepBest { get; init; } = 1;

    /// <summary>Numbers that a pass computes in; default <see cref="Precision.Fp32"/>.</summary>
    public Precision Precision { get; init; }

    /// <summary>
    /// Whose images a normalisation takes together on several processes; default <see cref="BatchNormScope.Synchronised"/>.
    /// </summary>
    public BatchNormScope BatchNorm { get; init; }

    /// <summary>Names the run: weights, order, augmentation and dropout follow from it; default 0.</summary>
    public ulong Seed { get; init; }

    /// <summary>
    /// Side of the training images as a share of the model's own, rounded to whole multiples of 32 pixels: random crops show things larger
    /// than the whole image does, so that a network trained at a smaller size fits its own better (Touvron et al. 2019, “Fixing the
    /// train-test resolution discrepancy”), and sooner. Default 1.
    /// </summary>
    public double InputShare { get; init; } = 1;

    /// <summary>How chance changes the images; by default crops cover at least a quarter of an image, milder than ImageNet's 8 %.</summary>
    public AugmentationOptions Augmentation { get; init; } = new() { MinScale = 0.25 };

    /// <summary>Whether and how images of a batch are mixed; default not.</summary>
    public MixingOptions Mixing { get; init; } = new();

    /// <summary>
    /// Stages in which resolution, the policy's magnitude, mixing and dropout rise over the epochs; they replace those named elsewhere.
    /// Default <see langword="null"/>, no stages.
    /// </summary>
    public ProgressiveStages? Progressive { get; init; }

    /// <summary>All epochs of the run.</summary>
    public int TotalEpochs => ProbeEpochs + Epochs;

    /// <summary>How often an epoch passes over the training images, for <see cref="MinSteps"/>.</summary>
    /// <param name="images">Number of training images, at least 1.</param>
    public int PassesPerEpoch(int images)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(images, 1);
        long stepsPerEpoch = (MinSteps + Epochs - 1L) / Epochs;
        // A last batch that is not full is dropped, and fewer images than a batch are one.
        return images / Math.Min(images, BatchSize) >= stepsPerEpoch
            ? 1
            : checked((int)(((stepsPerEpoch * BatchSize) + images - 1) / images));
    }

    /// <summary>The learning rate after the warm-up, with the optimizer's own default and the batch's share worked in.</summary>
    public double PeakLearningRate =>
        LearningRateScale * (LearningRate is { } given ? given * (LearningRateBatch is { } batch ? (double)BatchSize / batch : 1)
        : OwnLearningRate);

    /// <summary>The weight decay, the optimizer's own default filled in.</summary>
    public double Decay => WeightDecay ?? Optimizer switch
    {
        OptimizerKind.AdamW => 0.05,
        OptimizerKind.Lamb => 0.02,
        // The EfficientNet papers' value for RMSProp.
        OptimizerKind.RmsPropTf => 1e-5,
        _ => 5e-5,
    };

    // AdamW and SGD: found good on small sets from scratch. RMSProp: the TPU code's 0.016 for 256. LAMB: 0.005, the middle of
    // what Wightman et al. 2021 use (0.005 to 0.008 for 2,048) brought down to small batches by the root rule.
    private double OwnLearningRate => Optimizer switch
    {
        OptimizerKind.AdamW => 0.002 * Math.Sqrt(BatchSize / 32.0),
        OptimizerKind.Lamb => 0.005 * Math.Sqrt(BatchSize / 32.0),
        OptimizerKind.RmsPropTf => 0.016 * BatchSize / 256.0,
        _ => 0.05 * BatchSize / 32.0,
    };

    /// <summary>Checks that each number is in its range.</summary>
    /// <exception cref="InvalidInputException">One is not; the message names it.</exception>
    public void Check() => RecipeRules.Check(this);

    /// <summary>
    /// The recipe for a network whose weights are drawn, of one for trained weights: normalisations measure their batches, and all layers learn
    /// at the same rate.
    /// </summary>
    public TrainingRecipe ForDrawnWeights() => this with { FixedStatistics = false, LayerDecay = 1 };
}
