using System.Collections.Immutable;
using EfficientNetSharp.Data;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Training.Recipes;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Tasks;

/// <summary>
/// Naming the class of an image: cross-entropy with the labels, smoothed and mixed as the recipe says; the best epoch has the highest
/// top-1, and of equal ones the lowest loss, over the validation images.
/// </summary>
public class ClassificationTask : TrainingTask
{
    /// <inheritdoc />
    public override string Name => "classification";

    /// <inheritdoc />
    public override Measure Score => Measure.Top1;

    /// <inheritdoc />
    public override Measure? TrainMeasure => Measure.Top1;

    internal override void Check(TaskContext context)
    {
        if (context.Recipe.Task != TaskKind.Classification)
            throw new InvalidInputException("The recipe trains an embedding, and this training wants class scores; name another recipe.");
        int classes = context.Data.Train.Classes.Length;
        if (classes < 2) throw new InvalidInputException(
            $"A classifier needs at least two classes, found {classes}; add folders of images.");
        if (context.Network.EmbeddingFeatures is { } features)
        {
            throw new InvalidInputException(
                $"'{context.Network.Name}' yields an embedding of {features} features, and this training wants class scores; " +
                "name a network with a classifier.");
        }
    }

    internal override ImmutableArray<string> ClassesOf(DatasetSplits data) => data.Train.Classes;

    internal override TaskLoss Loss(in LossInput input) => new(LossOf(input), RightAnswers.Count(input.Output, input.Batch.Labels));

    internal override ValidationResult Validate(ValidationInput input) => ShardedValidation.Run(input.Group, input.Images, images =>
    {
        var result = DatasetEvaluator.Run(input.Runner, input.Transform, images, input.Options, input.Progress, input.CancellationToken);
        return new ValidationResult(result.Count, result.Top1, result.Loss) { Unreadable = result.Unreadable };
    });

    private protected virtual Tensor LossOf(in LossInput input) =>
        TrainingLoss.CrossEntropy(input.Output, input.Batch, input.Context.Recipe.LabelSmoothing);
}
