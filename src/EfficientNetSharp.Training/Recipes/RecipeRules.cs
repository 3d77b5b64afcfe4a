using EfficientNetSharp.Training.Distributed;
using EfficientNetSharp.Training.Embeddings;
using EfficientNetSharp.Training.Gradients;
using EfficientNetSharp.Training.Optimizers;
using EfficientNetSharp.Training.Schedules;
using EfficientNetSharp.Training.Torch;
using EfficientNetSharp.Training.Transfer;

namespace EfficientNetSharp.Training.Recipes;

/// <summary>What a recipe's numbers may be; one out of a file may say anything.</summary>
internal static class RecipeRules
{
    public static void Check(TrainingRecipe recipe)
    {
        Require(Enum.IsDefined(recipe.Task), "task", recipe.Task, Names<TaskKind>());
        Require(recipe.Embedding is not null, "embedding", "nothing", "one, or {} for the usual");
        EmbeddingRules.Check(recipe.Embedding!);
        Within(RecipeRanges.Epochs, recipe.Epochs, "epochs");
        Within(RecipeRanges.FurtherEpochs, recipe.ProbeEpochs, "probe epochs");
        Within(RecipeRanges.MinSteps, recipe.MinSteps, "minimum of steps");
        Within(RecipeRanges.InputShare, recipe.InputShare, "input share");
        Within(RecipeRanges.Folds, recipe.Probe?.Folds, "probe's number of folds");
        Within(RecipeRanges.MaxFoldedImages, recipe.Probe?.MaxFoldedImages, "probe's maximum of folded images");
        Within(RecipeRanges.BatchSize, recipe.BatchSize, "batch size");
        Require(
            recipe.Accumulation >= RecipeRanges.Accumulation.Min && recipe.Accumulation <= recipe.BatchSize / 2, "accumulation",
            recipe.Accumulation,
            "1 to half the batch size, so that a part has two images");
        CheckOptimizer(recipe);
        CheckSchedule(recipe.Schedule);
        CheckClipping(recipe.Clipping);
        Within(RecipeRanges.Share, recipe.LabelSmoothing, "label smoothing");
        Within(RecipeRanges.Share, recipe.EmaDecay, "EMA decay");
        Within(RecipeRanges.Share, recipe.Dropout, "dropout");
        Within(RecipeRanges.Share, recipe.StochasticDepth, "stochastic depth");
        FreezeRule.Parse(recipe.Freeze);
        Within(RecipeRanges.PreciseStatisticsBatches, recipe.PreciseStatisticsBatches, "precise statistics batches");
        Require(recipe.Distillation is not null, "distillation", "nothing", "one, or {} for the usual");
        Within(RecipeRanges.DistillationTemperature, recipe.Distillation!.Temperature, "distillation temperature");
        Within(RecipeRanges.DistillationWeight, recipe.Distillation.Weight, "distillation weight");
        Within(RecipeRanges.FurtherEpochs, recipe.Patience, "patience");
        Within(RecipeRanges.KeepBest, recipe.KeepBest, "number of kept models");
        Require(Enum.IsDefined(recipe.Precision), "precision", recipe.Precision, Names<Precision>());
        Require(Enum.IsDefined(recipe.BatchNorm), "batch norm", recipe.BatchNorm, Names<BatchNormScope>());
        Require(recipe.Augmentation is not null, "augmentation", "nothing", "one, or {} for the usual");
        recipe.Augmentation!.Check();
        Require(recipe.Mixing is not null, "mixing", "nothing", "one, or {} for none");
        recipe.Mixing!.Check();
        recipe.Progressive?.Check();
        Require(
            recipe.Progressive is null || recipe.Progressive.Stages <= recipe.Epochs, "number of progressive stages",
            recipe.Progressive?.Stages,
            "at most one per epoch");
    }

    private static void CheckOptimizer(TrainingRecipe recipe)
    {
        Require(Enum.IsDefined(recipe.Optimizer), "optimizer", recipe.Optimizer, Names<OptimizerKind>());
        Require(Enum.IsDefined(recipe.DecayRule), "decay rule", recipe.DecayRule, Names<DecayRule>());
        Within(RecipeRanges.Share, recipe.Momentum, "momentum");
        Within(new NumberRange(0, 1, IncludesMin: false, IncludesMax: false), recipe.OptimizerEpsilon, "optimizer epsilon");
        Within(new NumberRange(1, 1_000_000), recipe.LearningRateBatch, "learning rate batch");
        Within(RecipeRanges.LearningRate, recipe.LearningRateScale, "learning rate scale");
        Within(RecipeRanges.LearningRate, recipe.PeakLearningRate, "learning rate");
        Within(RecipeRanges.LearningRate, recipe.ProbeLearningRate, "probe learning rate");
        Within(RecipeRanges.LayerDecay, recipe.LayerDecay, "layer decay");
        Within(RecipeRanges.WeightDecay, recipe.Decay, "weight decay");
    }

    private static void CheckSchedule(ScheduleOptions schedule)
    {
        Require(schedule is not null, "schedule", "nothing", "one");
        Require(Enum.IsDefined(schedule!.Kind), "schedule", schedule.Kind, Names<ScheduleKind>());
        Within(RecipeRanges.FurtherEpochs, schedule.WarmUpEpochs, "warm-up epochs");
        Within(new NumberRange(0, 1), schedule.FinalShare, "schedule's final share");
        Within(new NumberRange(0, 1, IncludesMin: false), schedule.Factor, "schedule's factor");
        Within(RecipeRanges.FurtherEpochs with { IncludesMin = false }, schedule.EveryEpochs, "schedule's epochs between factors");
        Within(new NumberRange(0, 100, IncludesMin: false), schedule.Power, "schedule's power");
    }

    private static void CheckClipping(ClippingOptions clipping)
    {
        Require(clipping is not null, "clipping", "nothing", "limits, or {} for none");
        Within(RecipeRanges.Clipping, clipping!.Norm, "clipping norm");
        Within(RecipeRanges.Clipping, clipping.Value, "clipping value");
        Within(RecipeRanges.Clipping, clipping.Adaptive, "adaptive clipping");
    }

    // What is not given stands for the optimizer's or the network's own.
    private static void Within(NumberRange range, double? value, string what)
    {
        if (value is { } given) range.Require(given, $"The recipe's {what}");
    }

    private static string Names<T>()
        where T : struct, Enum => string.Join(" or ", Enum.GetNames<T>());

    private static void Require(bool holds, string what, object? found, string expected)
    {
        if (!holds)
            throw new InvalidInputException(FormattableString.Invariant($"The recipe's {what}: expected {expected}, found {found}."));
    }
}
