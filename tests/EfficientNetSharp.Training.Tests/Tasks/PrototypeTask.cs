using System.Collections.Immutable;
using EfficientNetSharp.Data;
using EfficientNetSharp.Data.Loading;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Randomness;
using EfficientNetSharp.Training.Tasks;
using EfficientNetSharp.Training.Torch;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace EfficientNetSharp.Training.Tests.Tasks;

/// <summary>
/// The least of metric learning: a softmax over the cosines between an embedding and a trained prototype of each class, judged by how often
/// the nearest other image is of the same class.
/// </summary>
internal sealed class PrototypeTask : TrainingTask
{
    public const string Prototypes = "task.prototypes";

    private const double Scale = 8;

    public override string Name => "prototypes";

    public override Measure Score { get; } = new("recall_at_1", "recall@1");

    public override Measure? TrainMeasure => Measure.Top1;

    internal override void Check(TaskContext context) => Assert.NotNull(context.Network.EmbeddingFeatures);

    internal override ImmutableArray<string> ClassesOf(DatasetSplits data) => [];

    internal override ImmutableArray<TaskParameter> ParametersOf(TaskContext context, Graph graph)
    {
        int classes = context.Data.Train.Classes.Length, features = graph.Output.Shape.Channels;
        var random = new SeededRandom(context.Recipe.Seed, 1);
        float[] drawn = [.. Enumerable.Range(0, classes * features).Select(_ => (float)random.NextGaussian())];
        var parameter = new Parameter(Prototypes, [classes, features], ParameterRole.LinearKernel);
        return [new TaskParameter(parameter, new WeightTensor(parameter.Shape, drawn)) { RateScale = 2 }];
    }

    internal override TaskLoss Loss(in LossInput input)
    {
        var cosines = F.normalize(input.Output, dim: 1).mm(F.normalize(input.Parameters[Prototypes], dim: 1).t());
        var labels = tensor(input.Batch.Labels.ToArray(), ScalarType.Int64, input.Output.device);
        return new TaskLoss(F.cross_entropy(cosines.Times(Scale), labels), RightAnswers.Count(cosines, input.Batch.Labels));
    }

    internal override ValidationResult Validate(ValidationInput input)
    {
        // Each process embeds a stretch; the sum with the others' zeros is the whole matrix.
        int count = input.Images.Count, features = (int)input.Runner.OutputShape.Count, rank = input.Group.Rank, size = input.Group.Size;
        int first = count * rank / size, end = count * (rank + 1) / size;
        var rows = new float[count * features];
        using var loader = new BatchLoader(
            new SubsetDataset(input.Images, [.. Enumerable.Range(first, end - first)]), input.Transform,
            new BatchLoaderOptions { BatchSize = input.Options.BatchSize, Training = false, Workers = 1 });
        int at = first;
        foreach (var batch in loader.Batches(cancellationToken: input.CancellationToken))
        {
            using (batch) input.Runner.Run(batch.Images.Span, batch.Count, rows.AsSpan(at * features, batch.Count * features));
            at += batch.Count;
        }

        input.Group.AllReduceSum(rows.AsSpan());
        int right = Enumerable.Range(0, count)
            .Count(i => input.Images.LabelOf(Nearest(rows, features, count, i)) == input.Images.LabelOf(i));
        return new ValidationResult(count, (double)right / count, null);
    }

    private static int Nearest(float[] rows, int features, int count, int image) => Enumerable.Range(0, count)
        .Where(other => other != image)
        .MaxBy(other => Dot(rows, features, image, other) / Math.Sqrt(Dot(rows, features, other, other)));

    private static double Dot(float[] rows, int features, int first, int second) =>
        Enumerable.Range(0, features).Sum(i => (double)rows[(first * features) + i] * rows[(second * features) + i]);
}
