using EfficientNetSharp.Training.Distributed;
using EfficientNetSharp.Training.Gradients;
using EfficientNetSharp.Training.Optimizers;
using EfficientNetSharp.Training.Schedules;
using EfficientNetSharp.Training.Torch;
using EfficientNetSharp.Training.Transfer;

namespace EfficientNetSharp.Training.Recipes;

/// <summary>What a recipe's numbers may be; one out of a file may say anything.</summary>
internal static class RecipeRules
{
    // Beyond these a number is a slip, not a plan.
    private const int MaxEpochs = 1_000_000, MaxBatch = 65_536;

    public static void Check(TrainingRecipe recipe)
    {
        Require(recipe.Epochs is >= 1 and <= MaxEpochs, "epochs", recipe.Epochs, $"1 to {MaxEpochs}");
        Require(recipe.ProbeEpochs is >= 0 and <= MaxEpochs, "probe epochs", recipe.ProbeEpochs, $"0 to {MaxEpochs}");
        Require(recipe.BatchSize is >= 2 and <= MaxBatch, "batch size", recipe.BatchSize, $"2 to {MaxBatch}");
        Require(recipe.Accumulation >= 1 && recipe.Accumulation <= recipe.BatchSize / 2, "accumulation", recipe.Accumulation, "1 to half the batch size, so that a part has two images");
        CheckOptimizer(recipe);
        CheckSchedule(recipe.Schedule);
        CheckClipping(recipe.Clipping);
        Share(recipe.LabelSmoothing, "label smoothing");
        Share(recipe.EmaDecay, "EMA decay");
        Share(recipe.Dropout ?? 0, "dropout");
        Share(recipe.StochasticDepth ?? 0, "stochastic depth");
        FreezeRule.Parse(recipe.Freeze);
        Require(recipe.PreciseStatisticsBatches >= 0, "precise statistics batches", recipe.PreciseStatisticsBatches, "0 or more");
        Require(recipe.Distillation is { Temperature: > 0 and <= 1000 }, "distillation temperature", recipe.Distillation?.Temperature, "above 0");
        Require(recipe.Distillation is { Weight: >= 0 and <= 1 }, "distillation weight", recipe.Distillation?.Weight, "0 to 1");
        Require(recipe.Patience is >= 0 and <= MaxEpochs, "patience", recipe.Patience, "0 or more");
        Require(recipe.KeepBest is >= 1 and <= 1000, "number of kept models", recipe.KeepBest, "1 to 1000");
        Require(Enum.IsDefined(recipe.Precision), "precision", recipe.Precision, Names<Precision>());
        Require(Enum.IsDefined(recipe.BatchNorm), "batch norm", recipe.BatchNorm, Names<BatchNormScope>());
        Require(recipe.Augmentation is not null, "augmentation", "nothing", "one, or {} for the usual");
        recipe.Augmentation!.Check();
        Require(recipe.Mixing is not null, "mixing", "nothing", "one, or {} for none");
        recipe.Mixing!.Check();
        recipe.Progressive?.Check();
        Require(recipe.Progressive is null || recipe.Progressive.Stages <= recipe.Epochs, "number of progressive stages", recipe.Progressive?.Stages, "at most one per epoch");
    }

    private static void CheckOptimizer(TrainingRecipe recipe)
    {
        Require(Enum.IsDefined(recipe.Optimizer), "optimizer", recipe.Optimizer, Names<OptimizerKind>());
        Require(Enum.IsDefined(recipe.DecayRule), "decay rule", recipe.DecayRule, Names<DecayRule>());
        Share(recipe.Momentum ?? 0, "momentum");
        Require(recipe.OptimizerEpsilon is null or (> 0 and < 1), "optimizer epsilon", recipe.OptimizerEpsilon, "above 0 and below 1");
        Require(recipe.LearningRateBatch is null or (>= 1 and <= 1_000_000), "learning rate batch", recipe.LearningRateBatch, "1 to 1000000");
        Require(recipe.LearningRateScale is > 0 and < 1000, "learning rate scale", recipe.LearningRateScale, "above 0");
        Require(recipe.PeakLearningRate is > 0 and < 1000, "learning rate", recipe.PeakLearningRate, "above 0");
        Require(recipe.ProbeLearningRate is null or (> 0 and < 1000), "probe learning rate", recipe.ProbeLearningRate, "above 0");
        Require(recipe.LayerDecay is > 0 and <= 1, "layer decay", recipe.LayerDecay, "above 0 up to 1");
        Require(recipe.Decay is >= 0 and < 1000, "weight decay", recipe.Decay, "0 or more");
    }

    private static void CheckSchedule(ScheduleOptions schedule)
    {
        Require(schedule is not null, "schedule", "nothing", "one");
        Require(Enum.IsDefined(schedule!.Kind), "schedule", schedule.Kind, Names<ScheduleKind>());
        Require(schedule.WarmUpEpochs is >= 0 and <= MaxEpochs, "warm-up epochs", schedule.WarmUpEpochs, "0 or more");
        Require(schedule.FinalShare is >= 0 and <= 1, "schedule's final share", schedule.FinalShare, "0 to 1");
        Require(schedule.Factor is > 0 and <= 1, "schedule's factor", schedule.Factor, "above 0 up to 1");
        Require(schedule.EveryEpochs is > 0 and <= MaxEpochs, "schedule's epochs between factors", schedule.EveryEpochs, "above 0");
        Require(schedule.Power is > 0 and <= 100, "schedule's power", schedule.Power, "above 0 up to 100");
    }

    private static void CheckClipping(ClippingOptions clipping)
    {
        Require(clipping is not null, "clipping", "nothing", "limits, or {} for none");
        Require(clipping!.Norm is null or > 0, "clipping norm", clipping.Norm, "above 0");
        Require(clipping.Value is null or > 0, "clipping value", clipping.Value, "above 0");
        Require(clipping.Adaptive is null or > 0, "adaptive clipping", clipping.Adaptive, "above 0");
    }

    private static void Share(double value, string what) => Require(value is >= 0 and < 1, what, value, "0 up to 1");

    private static string Names<T>()
        where T : struct, Enum => string.Join(" or ", Enum.GetNames<T>());

    private static void Require(bool holds, string what, object? found, string expected)
    {
        if (!holds) throw new InvalidInputException(FormattableString.Invariant($"The recipe's {what} is {found}, expected {expected}."));
    }
}
