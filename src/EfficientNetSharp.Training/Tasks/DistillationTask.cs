using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Distillation;
using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Tasks;

/// <summary>
/// Classification that listens to a teacher beside the labels (Hinton, Vinyals and Dean 2015), as much as the recipe's
/// <see cref="Recipes.DistillationOptions"/> say.
/// </summary>
/// <param name="teacher">The network to learn from; not disposed by the task.</param>
public sealed class DistillationTask(Teacher teacher) : ClassificationTask
{
    /// <inheritdoc />
    public override string Name => "distillation";

    internal override string Identity => $"{Name} from {teacher.Identity}";

    internal override IEnumerable<KeyValuePair<string, string>> Provenance => teacher.Origin?.Entries(ProvenanceKeys.TeacherPrefix) ?? [];

    internal override void Check(TaskContext context)
    {
        base.Check(context);
        teacher.Check(context.Preprocessing, ClassesOf(context.Data));
    }

    private protected override Tensor LossOf(in LossInput input)
    {
        var classes = ClassesOf(input.Context.Data);
        var options = input.Context.Recipe.Distillation;
        float[] opinion = teacher.Logits(input.Batch.Images, input.Batch.Count, input.Input, classes);
        var target = tensor(opinion, [input.Batch.Count, classes.Length], device: input.Output.device);
        return TrainingLoss.Mixed(base.LossOf(input), TrainingLoss.Distillation(input.Output, target, options.Temperature), options);
    }
}
