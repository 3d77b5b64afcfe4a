using System.Collections.Immutable;
using System.Globalization;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Data;
using EfficientNetSharp.Data.Pairs;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Distillation;
using EfficientNetSharp.Training.Embeddings;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Torch;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace EfficientNetSharp.Training.Tasks;

/// <summary>
/// A vector whose direction tells identities apart, also those that training has not seen: a person, a product, a character. The classes of
/// the training images are the identities; the model does not name them. Judged on the validation images, which are best of identities that
/// are held out: by verification, whether two images are of one identity, where the loss has a margin; else by recall@1, how often the
/// nearest other image is of the same identity.
/// </summary>
/// <param name="options">The loss and its settings, which are the recipe's too.</param>
/// <param name="teacher">
/// A network whose embeddings are learned beside the identities, as much as the recipe's <see cref="DistillationOptions.Weight"/> says;
/// <see langword="null"/> for none. Not disposed by the task.
/// </param>
/// <param name="pairs">
/// Pairs of images that judge instead of the validation images, by insightface's ten-fold protocol with mirror images, such as a
/// <c>.bin</c> file's; <see langword="null"/> for none.
/// </param>
public sealed class EmbeddingTask(EmbeddingOptions options, Teacher? teacher = null, VerificationPairs? pairs = null) : TrainingTask
{
    // Keeps the identities that a step's softmax has apart from other draws.
    private const ulong SamplingStream = 0x73616D706C65;

    private readonly EmbeddingLoss _loss = EmbeddingLoss.Of(options);

    /// <summary>Whether pairs of images judge instead of the validation images.</summary>
    public bool HasPairs => pairs is not null;

    /// <inheritdoc />
    public override string Name => "embedding";

    /// <inheritdoc />
    public override Measure Score => options.HasMargin || pairs is not null ? EmbeddingMeasures.Verification : EmbeddingMeasures.RecallAt1;

    /// <inheritdoc />
    public override Measure? TrainMeasure => options.HasCenters ? Measure.Top1 : null;

    internal override string Identity => Name + (teacher is null ? "" : $" from {teacher.Identity}")
        + (pairs is null ? "" : $" judged by {DatasetFingerprint.Of(pairs.Images)}");

    internal override IEnumerable<KeyValuePair<string, string>> Provenance =>
        teacher?.Origin?.Entries(ProvenanceKeys.TeacherPrefix) ?? [];

    internal override IEnumerable<KeyValuePair<string, string>> ProvenanceOf(TaskContext context) =>
    [
        KeyValuePair.Create(ProvenanceKeys.Identities, context.Data.Train.Classes.Length.ToString(CultureInfo.InvariantCulture)),
        KeyValuePair.Create(
            ProvenanceKeys.EmbeddingFeatures, context.Network.EmbeddingFeatures!.Value.ToString(CultureInfo.InvariantCulture)),
    ];

    internal override void Check(TaskContext context)
    {
        if (context.Recipe.Task != TaskKind.Embedding || context.Recipe.Embedding != options)
            throw new InvalidInputException("The recipe does not ask for this embedding; train with a recipe whose task and options are the task's.");
        if (context.Network.EmbeddingFeatures is not { } features)
        {
            throw new InvalidInputException(
                $"'{context.Network.Name}' ends in a classifier, and this training wants an embedding; name a network that ends in one, such " +
                "as efficientnet_b0:head=gdc.");
        }

        int identities = context.Data.Train.Classes.Length;
        if (identities < 2)
            throw new InvalidInputException($"An embedding learns from at least two identities, found {identities}; add folders of images.");
        if (context.Data.Validation.Classes.Length < 2)
        {
            throw new InvalidInputException(
                "An embedding is judged by at least two identities, found one; add folders of images to the validation part.");
        }

        EmbeddingRules.CheckRun(context, options);
        teacher?.CheckEmbedding(context.Preprocessing, features);
    }

    internal override ImmutableArray<string> ClassesOf(DatasetSplits data) => [];

    internal override ImmutableArray<TaskParameter> ParametersOf(TaskContext context, Graph graph)
    {
        var (identities, features, seed) = (context.Data.Train.Classes.Length, graph.Output.Shape.Channels, context.Recipe.Seed);
        if (!options.SplitIdentities) return _loss.Parameters(identities, features, seed);
        var stretch = SplitMarginLoss.Stretch(identities, context.Rank, context.Processes);
        return
        [
            .. ((MarginLoss)_loss).Parameters(stretch, features, seed)
                .Select(one => one with { IsSplit = one.Parameter.Name == EmbeddingLoss.Centers }),
        ];
    }

    // arcface_torch freezes the last scale of its iResNets at 1: the margin's scale does its work.
    internal override ImmutableHashSet<string> FixedParameters(TaskContext context) =>
        context.Network.Architecture?.Embedding?.Kind == EmbeddingKind.Flattened ? ["embedding.norm.weight"] : [];

    internal override TaskLoss Loss(in LossInput input)
    {
        var batch = input.Batch;
        var embeddings = input.Output.to(ScalarType.Float32);
        var labels = tensor(Widened(batch.Labels), ScalarType.Int64, embeddings.device);
        var images = new EmbeddingBatch
        {
            Embeddings = embeddings, Labels = labels, Parameters = input.Parameters, Phase = LossPhase.At(options, input.Epoch),
            LabelSmoothing = input.Context.Recipe.LabelSmoothing,
        };
        int identities = input.Context.Data.Train.Classes.Length;
        var (seed, step) = (input.Context.Recipe.Seed, input.Step);
        EmbeddingLossValue loss;
        if (options.SplitIdentities && input.Group is { Size: > 1 } group)
        {
            loss = new SplitMarginLoss((MarginLoss)_loss, group).Of(
                images, identities, options.SampledIdentities < 1 ? (stretch, all) => SampledOf(stretch, all, seed, step) : null);
        }
        else
        {
            loss = _loss.Of(options.SampledIdentities >= 1 ? images : images with
            {
                Sampled = tensor(SampledOf((0, identities), Widened(batch.Labels), seed, step)).to(embeddings.device),
            });
        }

        double right = loss.Cosines is null ? loss.Right : CountRight(loss.Cosines, loss.Labels!);
        return new TaskLoss(teacher is null ? loss.Value : WithTeacher(loss.Value, embeddings, input), right);
    }

    internal override ValidationResult Validate(ValidationInput input)
    {
        var embedded = EmbeddedImages.Of(input, pairs?.Images ?? input.Images, mirrored: pairs is not null);
        var health = EmbeddingHealth.Of(embedded.Rows, embedded.Labels);
        double score = pairs is not null ? EmbeddingMeasures.VerificationOf(embedded, pairs)
            : options.HasMargin
            ? EmbeddingMeasures.VerificationOf(embedded.Rows, embedded.Labels)
            : EmbeddingMeasures.RecallAt1Of(embedded.Rows, embedded.Labels);
        return new ValidationResult(embedded.Rows.Count, score, null)
        {
            Unreadable = embedded.Unreadable, Notes = health.Warning(Score, score, embedded.Rows.Count) is { } warning ? [warning] : [],
        };
    }

    private static long[] Widened(ReadOnlySpan<int> labels)
    {
        var wide = new long[labels.Length];
        for (int i = 0; i < wide.Length; i++) wide[i] = labels[i];
        return wide;
    }

    private static double CountRight(Tensor cosines, Tensor labels)
    {
        using var constant = no_grad();
        return cosines.argmax(1).eq(labels).sum().cpu().ReadCpuInt64(0);
    }

    // Identities that come at this step, ascending: those of its images, and others drawn anew (An et al. 2022, §3.2).
    private long[] SampledOf((int First, int End) stretch, long[] labels, ulong seed, long step)
    {
        int wanted = Math.Max(1, (int)(options.SampledIdentities * (stretch.End - stretch.First)));
        var kept = new SortedSet<long>(labels.Where(label => label >= stretch.First && label < stretch.End));
        if (kept.Count < wanted)
        {
            var random = new Randomness.SeededRandom(seed, (ulong)step, SamplingStream, (ulong)stretch.First);
            int[] drawn = [.. Enumerable.Range(stretch.First, stretch.End - stretch.First)];
            random.Shuffle<int>(drawn);
            foreach (int identity in drawn)
            {
                if (kept.Count >= wanted) break;
                kept.Add(identity);
            }
        }

        return [.. kept];
    }

    // The mean of 1 − cos, as large as the loss itself is: margin losses multiply cosines by their scale.
    private Tensor WithTeacher(Tensor loss, Tensor embeddings, in LossInput input)
    {
        var batch = input.Batch;
        float[] opinion = teacher!.Embeddings(batch.Images, batch.Count, input.Input);
        var target = tensor(opinion, [batch.Count, embeddings.shape[1]], device: embeddings.device);
        var distance = F.cosine_similarity(embeddings, target, dim: 1).neg().Plus(1).mean().Times(options.LossScale);
        return TrainingLoss.Mixed(loss, distance, input.Context.Recipe.Distillation);
    }
}
