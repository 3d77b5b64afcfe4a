using System.Collections.Immutable;
using EfficientNetSharp.Imaging.Augmentations;
using EfficientNetSharp.Imaging.Augmentations.Policies;

namespace EfficientNetSharp.Imaging.Transforms;

/// <summary>How the stages of progressive learning are spaced.</summary>
public enum ProgressiveSpacing
{
    /// <summary>
    /// Algorithm 1 of the EfficientNetV2 paper: everything rises from its minimum in the first stage to its maximum in the last.
    /// </summary>
    Paper,

    /// <summary>
    /// google/automl (efficientnetv2/main.py): as the paper, but sizes rise by a step before the first stage, so that of n stages the first
    /// has a size of base + (size − base) / n.
    /// </summary>
    Automl,
}

/// <summary>What a stage of progressive learning trains with.</summary>
/// <param name="Number">The stage, from 0.</param>
/// <param name="Start">Share of the run's steps before it.</param>
/// <param name="End">Share of the run's steps at its end.</param>
/// <param name="Resolution">Rows and columns of the input in pixels.</param>
/// <param name="Magnitude">RandAugment's magnitude.</param>
/// <param name="MixupAlpha">Mixup's alpha, which automl uses for CutMix too; 0 for no mixing.</param>
/// <param name="Dropout">Dropout before the classifier.</param>
public sealed record ProgressiveStage(
    int Number, double Start, double End, int Resolution, double Magnitude, double MixupAlpha, double Dropout);

/// <summary>
/// Progressive learning (EfficientNetV2, Tan and Le 2021, §4): as the images grow over a run, so does all that makes them hard. A run has
/// stages of equal length; each value rises evenly from stage to stage.
/// </summary>
/// <param name="MinResolution">Rows and columns in the first stage (with automl's spacing: before it), in pixels.</param>
/// <param name="MaxResolution">Rows and columns in the last stage.</param>
/// <param name="MinMagnitude">RandAugment's magnitude in the first stage.</param>
/// <param name="MaxMagnitude">RandAugment's magnitude in the last stage.</param>
/// <param name="MinMixupAlpha">Mixup's alpha in the first stage.</param>
/// <param name="MaxMixupAlpha">Mixup's alpha in the last stage.</param>
/// <param name="MinDropout">Dropout in the first stage.</param>
/// <param name="MaxDropout">Dropout in the last stage.</param>
/// <param name="Stages">How many stages; the paper and automl take 4.</param>
/// <param name="Spacing">How sizes are spaced.</param>
public sealed record ProgressiveStages(
    int MinResolution, int MaxResolution, double MinMagnitude, double MaxMagnitude, double MinMixupAlpha, double MaxMixupAlpha,
    double MinDropout, double MaxDropout, int Stages = 4, ProgressiveSpacing Spacing = ProgressiveSpacing.Paper)
{
    /// <summary>A stage is to be at least a hundredth of a run.</summary>
    private const int MaxStages = 100;

    /// <summary>Alphas beyond give shares that hardly differ from a half.</summary>
    private const double MaxAlpha = 100;

    /// <summary>EfficientNetV2-S, the paper's Table 6.</summary>
    public static ProgressiveStages PaperS { get; } = new(128, 300, 5, 15, 0, 0, 0.1, 0.3);

    /// <summary>EfficientNetV2-M, the paper's Table 6.</summary>
    public static ProgressiveStages PaperM { get; } = new(128, 380, 5, 20, 0, 0.2, 0.1, 0.4);

    /// <summary>EfficientNetV2-L, the paper's Table 6.</summary>
    public static ProgressiveStages PaperL { get; } = new(128, 380, 5, 25, 0, 0.5, 0.1, 0.5);

    /// <summary>
    /// EfficientNetV2-S as google/automl trains it: from half the size, dropout constant (efficientnetv2/effnetv2_configs.py).
    /// </summary>
    public static ProgressiveStages AutomlS { get; } = Automl(300, 10, 0, 0.2);

    /// <summary>EfficientNetV2-M as google/automl trains it.</summary>
    public static ProgressiveStages AutomlM { get; } = Automl(384, 15, 0.2, 0.3);

    /// <summary>EfficientNetV2-L as google/automl trains it.</summary>
    public static ProgressiveStages AutomlL { get; } = Automl(384, 20, 0.5, 0.4);

    /// <summary>A stage's values.</summary>
    /// <param name="number">The stage, 0 to <see cref="Stages"/> − 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such stage.</exception>
    public ProgressiveStage this[int number]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(number);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(number, Stages);
            // A single stage is a run at full strength.
            double risen = Stages == 1 ? 1 : (double)number / (Stages - 1), end = (number + 1.0) / Stages;
            double size = Rising(MinResolution, MaxResolution, Spacing == ProgressiveSpacing.Automl ? end : risen);
            return new ProgressiveStage(
                number, (double)number / Stages, end,
                // Cut off in automl's code; the paper says nothing of fractions of pixels, and to the nearest is nearest to it.
                (int)(Spacing == ProgressiveSpacing.Automl ? size : Math.Round(size)),
                Rising(MinMagnitude, MaxMagnitude, risen), Rising(MinMixupAlpha, MaxMixupAlpha, risen),
                Rising(MinDropout, MaxDropout, risen));
        }
    }

    /// <summary>All stages in their order.</summary>
    public ImmutableArray<ProgressiveStage> All() => [.. Enumerable.Range(0, Stages).Select(number => this[number])];

    /// <summary>The stage that a step belongs to.</summary>
    /// <param name="step">The step, from 0.</param>
    /// <param name="steps">Steps of the whole run.</param>
    /// <returns>The last stage for steps at the end and beyond.</returns>
    public ProgressiveStage At(long step, long steps)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(steps);
        // Stage k begins at the first step that is not below k / n of all, in whole numbers, so no rounding moves a border.
        return this[(int)Int128.Min((Int128)step * Stages / steps, Stages - 1)];
    }

    /// <summary>Checks all ranges.</summary>
    /// <exception cref="InvalidInputException">A value is out of its range; the message names it.</exception>
    public void Check()
    {
        AugmentationChecks.Range(Stages, "progressive Stages", 1, MaxStages);
        if (!Enum.IsDefined(Spacing)) throw new InvalidInputException($"Expected a known progressive Spacing, found {Spacing}; change it.");
        Require("Resolution", MinResolution, MaxResolution, 1, PreprocessingChecks.MaxSide);
        Require("Magnitude", MinMagnitude, MaxMagnitude, 0, RandAugmentOptions.MaxMagnitude);
        Require("MixupAlpha", MinMixupAlpha, MaxMixupAlpha, 0, MaxAlpha);
        // The largest double below 1: dropout of all values would leave nothing.
        Require("Dropout", MinDropout, MaxDropout, 0, Math.BitDecrement(1.0));

        static void Require(string what, double first, double last, double minimum, double maximum)
        {
            AugmentationChecks.Range(first, $"progressive Min{what}", minimum, maximum);
            AugmentationChecks.Range(last, $"progressive Max{what}", minimum, maximum);
        }
    }

    private static double Rising(double first, double last, double share) => first + ((last - first) * share);

    private static ProgressiveStages Automl(int size, double magnitude, double alpha, double dropout) =>
        new(size / 2, size, 5, magnitude, 0, alpha, dropout, dropout, Spacing: ProgressiveSpacing.Automl);
}
