using EfficientNetSharp.Architectures;
using EfficientNetSharp.Data;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Distillation;
using EfficientNetSharp.Training.Embeddings;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Runs;
using EfficientNetSharp.Training.Tasks;
using EfficientNetSharp.Training.Torch;
using EfficientNetSharp.Training.Transfer;

namespace EfficientNetSharp.Training.Tests.Embeddings;

/// <summary>Whole runs of a small network that learns to tell colours apart.</summary>
public sealed class EmbeddingTrainingTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("embedding").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    public static TheoryData<EmbeddingLossKind> Kinds => [.. Enum.GetValues<EmbeddingLossKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_loss_learns_and_the_model_names_no_identities(EmbeddingLossKind kind)
    {
        var outcome = SmallJobs.Train(Job(new EmbeddingOptions { Loss = kind, Scale = kind <= EmbeddingLossKind.SubcenterArcFace ? 8 : null }));
        Assert.True(outcome.History[^1].TrainLoss < outcome.History[0].TrainLoss, "the loss falls");
        Assert.InRange(outcome.BestScore, 0.8, 1);
        var (model, card) = (outcome.Model, outcome.Model.Card);
        Assert.Empty(card.Classes);
        Assert.Equal(TensorShape.Vector(16), model.Graph.Output.Shape);
        Assert.DoesNotContain(model.Weights.Keys, name => name.StartsWith("task.", StringComparison.Ordinal));
        Assert.Equal("embedding", card.Provenance[ProvenanceKeys.Task]);
        Assert.Equal("16", card.Provenance[ProvenanceKeys.EmbeddingFeatures]);
        Assert.Equal("3", card.Provenance[ProvenanceKeys.Identities]);
    }

    [Theory]
    [InlineData(EmbeddingLossKind.AdaFace, 0)]
    [InlineData(EmbeddingLossKind.CurricularFace, 0)]
    [InlineData(EmbeddingLossKind.MultiSimilarity, 20)]
    public void A_run_that_was_stopped_ends_as_one_that_was_not(EmbeddingLossKind kind, int memory)
    {
        var options = new EmbeddingOptions { Loss = kind, Memory = memory, MarginWarmUpEpochs = kind == EmbeddingLossKind.AdaFace ? 2 : 0 };
        var whole = SmallJobs.Train(Job(options, Path.Combine(_root, "whole")));
        var job = Job(options, Path.Combine(_root, "stopped"));
        using var stop = new CancellationTokenSource();
        int steps = 0;
        var stopper = new Watcher(progress =>
        {
            if (progress.Ended is null && ++steps == 6) stop.Cancel();
        });
        Assert.Throws<OperationCanceledException>(() => Trainer.Run(job, stopper, stop.Token));
        var resumed = SmallJobs.Train(job with { Resume = true });
        Assert.Equal(WeightFingerprint.Of(whole.Model.Weights), WeightFingerprint.Of(resumed.Model.Weights));
        Assert.Equal(whole.History.Select(epoch => epoch.TrainLoss), resumed.History.Select(epoch => epoch.TrainLoss));
    }

    [Fact]
    public void A_collapsed_network_is_told_of_within_an_epoch()
    {
        var notes = new List<string>();
        // Images that are all alike have one embedding.
        var same = Images.Alike(24, 90);
        var job = Job(new EmbeddingOptions()) with { Data = new DatasetSplits(same, same, null, []), OnNote = notes.Add };
        SmallJobs.Train(job with { Recipe = job.Recipe with { Epochs = 1 } });
        string note = Assert.Single(notes, line => line.Contains("tells no identities apart", StringComparison.Ordinal));
        Assert.Contains("after epoch 1", note, StringComparison.Ordinal);
        Assert.Contains("mean cosine of 1.000", note, StringComparison.Ordinal);
        Assert.Contains("Usual causes", note, StringComparison.Ordinal);
    }

    [Fact]
    public void A_healthy_network_is_not_told_of()
    {
        var notes = new List<string>();
        SmallJobs.Train(Job(new EmbeddingOptions { Scale = 8 }) with { OnNote = notes.Add });
        Assert.Empty(notes);
    }

    [Fact]
    public void Pairs_judge_by_the_ten_fold_protocol_with_mirror_images()
    {
        var images = SmallJobs.Splits.Validation;
        var pairs = new Data.Pairs.VerificationPairs
        {
            Images = images, Format = "pairs",
            Members = [.. Enumerable.Range(0, 12).SelectMany(i => new[] { i, (i + (i % 2 == 0 ? 3 : 1)) % 15 })],
            IsSame = [.. Enumerable.Range(0, 12).Select(i => i % 2 == 0)],
        };
        var job = Job(new EmbeddingOptions { Scale = 8 });
        var outcome = SmallJobs.Train(job with { Task = new EmbeddingTask(job.Recipe.Embedding, null, pairs) });
        Assert.Equal("verification", outcome.Task.Score.Name);
        Assert.InRange(outcome.BestScore, 0.7, 1);
    }

    [Fact]
    public void A_teachers_embedding_is_learned()
    {
        var teacher = SmallJobs.Train(Job(new EmbeddingOptions { Scale = 8 })).Model;
        using var teaching = Teacher.Of(teacher, null, forEmbeddings: true);
        var job = Job(new EmbeddingOptions { Scale = 8 });
        job = job with
        {
            Recipe = job.Recipe with { Distillation = new DistillationOptions { Weight = 1 }, Seed = 77, Epochs = 6 },
        };
        job = job with { Task = new EmbeddingTask(job.Recipe.Embedding, teaching) };
        var student = SmallJobs.Train(job).Model;
        var alone = SmallJobs.Train(job with { Task = new EmbeddingTask(job.Recipe.Embedding) }).Model;
        double taught = MeanCosine(teacher, student), untaught = MeanCosine(teacher, alone);
        Assert.True(taught > 0.6 && taught > untaught + 0.3, $"cosines with the teacher's: {taught} taught, {untaught} untaught");
    }

    [Fact]
    public void A_classifier_is_a_start_and_its_pooled_features_a_teacher()
    {
        var classifier = SmallJobs.Train(SmallJobs.In(null)).Model;
        var job = Job(new EmbeddingOptions { Scale = 8 });
        var start = StartModel.EmbeddingWeightsFor(classifier, job.Network, job.Preprocessing, 3);
        Assert.Equal(classifier.Weights["stem.conv.weight"].Values.ToArray(), start["stem.conv.weight"].Values.ToArray());
        Assert.InRange(SmallJobs.Train(job with { StartWeights = start }).BestScore, 0.8, 1);
        using var teacher = Teacher.Of(classifier, null, forEmbeddings: true);
        Assert.Contains("has 32 features, the student's 16",
            Assert.Throws<InvalidInputException>(() => teacher.CheckEmbedding(job.Preprocessing, 16)).Message, StringComparison.Ordinal);
        teacher.CheckEmbedding(job.Preprocessing, 32);
        Assert.Contains("same body", Assert.Throws<InvalidInputException>(() => StartModel.EmbeddingWeightsFor(
            classifier, ArchitectureFile.Get("efficientnet_b0:head=gdc"), job.Preprocessing, 0)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_flattened_heads_last_scale_stays_as_arcface_torch_has_it()
    {
        var flat = SmallJobs.Tiny with { Embedding = new EmbeddingHead(EmbeddingKind.Flattened, 16) };
        var model = SmallJobs.Train(Job(new EmbeddingOptions { Scale = 8 }) with { Network = flat }).Model;
        Assert.All(model.Weights["embedding.norm.weight"].Values.ToArray(), scale => Assert.Equal(1, scale));
        Assert.Contains(model.Weights["embedding.norm.bias"].Values.ToArray(), shift => shift != 0);
    }

    [Fact]
    public void Sampled_identities_learn_as_well()
    {
        var outcome = SmallJobs.Train(Job(new EmbeddingOptions { Scale = 8, SampledIdentities = 0.7 }));
        Assert.InRange(outcome.BestScore, 0.8, 1);
    }

    [Fact]
    public void What_does_not_go_together_is_said()
    {
        Refused("mixup and CutMix", job => job with { Recipe = job.Recipe with { Mixing = new Data.Mixing.MixingOptions { MixupAlpha = 1 } } });
        Refused("leave --accumulate out", job => job with { Recipe = job.Recipe with { Accumulation = 2 } }, EmbeddingLossKind.ProxyAnchor);
        Refused("whole groups of 3", job => With(job, options => options with { ImagesPerClass = 3 }));
        Refused("at least 2 images per class", job => With(job, options => options with { ImagesPerClass = 1 }), EmbeddingLossKind.Triplet);
        Refused("ArcFace has none", job => With(job, options => options with { Memory = 10 }));
        Refused("mine the hardest", job => With(job, options => options with { Memory = 10 }), EmbeddingLossKind.Triplet);
        Refused("Triplet is none", job => With(job, options => options with { MarginWarmUpEpochs = 1 }), EmbeddingLossKind.Triplet);
        Refused("sampled for a softmax", job => With(job, options => options with { SampledIdentities = 0.5 }), EmbeddingLossKind.Triplet);
        Refused("ends in a classifier", job => job with { Network = SmallJobs.Tiny });
        Refused("fits one size", job => job with
        {
            Network = SmallJobs.Tiny with { Embedding = new EmbeddingHead(EmbeddingKind.GlobalDepthwise, 16) },
            Recipe = job.Recipe with { InputShare = 0.5 },
        });
        Refused("trains an embedding", job => job with { Network = SmallJobs.Tiny, Task = new ClassificationTask() });
        Refused("does not ask for this embedding", job => job with { Task = new EmbeddingTask(new EmbeddingOptions { Scale = 9 }) });

        static void Refused(string expected, Func<TrainingJob, TrainingJob> change, EmbeddingLossKind kind = EmbeddingLossKind.ArcFace) =>
            Assert.Contains(expected, Assert.Throws<InvalidInputException>(() => SmallJobs.Train(change(Job(new EmbeddingOptions { Loss = kind })))).Message,
                StringComparison.Ordinal);

        static TrainingJob With(TrainingJob job, Func<EmbeddingOptions, EmbeddingOptions> change) =>
            job with { Recipe = job.Recipe with { Embedding = change(job.Recipe.Embedding) } };
    }

    private static TrainingJob Job(EmbeddingOptions options, string? folder = null) => SmallJobs.In(folder) with
    {
        Network = SmallJobs.TinyEmbedding,
        Recipe = SmallJobs.Recipe with
        {
            Task = TaskKind.Embedding, Embedding = options, LabelSmoothing = 0, StochasticDepth = 0.1, Dropout = 0, Epochs = 4, MinSteps = 60,
            EmaDecay = 0,
        },
    };

    private static double MeanCosine(Model first, Model second)
    {
        var images = SmallJobs.Splits.Validation;
        var a = Rows(first);
        var b = Rows(second);
        return Enumerable.Range(0, images.Count).Average(i => Enumerable.Range(0, 16).Sum(k => (double)a[i][k] * b[i][k]));

        float[][] Rows(Model model)
        {
            using var embedder = new Prediction.ImageEmbedder(
                new TorchRunner(model.Graph, model.Weights), new Imaging.Transforms.EvaluationTransform(model.Card.Preprocessing), normalize: true);
            return [.. Enumerable.Range(0, images.Count).Select(i =>
            {
                var buffer = new EncodedBuffer();
                images.ReadEncoded(i, buffer);
                return embedder.Embed(buffer.Bytes, images.NameOf(i)).ToArray();
            })];
        }
    }
}
