using EfficientNetSharp.Data;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Distillation;
using EfficientNetSharp.Training.Optimizers;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Tasks;
using EfficientNetSharp.Training.Torch;
using EfficientNetSharp.Training.Transfer;
using static EfficientNetSharp.Training.Tests.SmallJobs;

namespace EfficientNetSharp.Training.Tests;

/// <summary>Whole runs of what a recipe can ask for: probes, frozen parts, stages, teachers, patience, kept models.</summary>
public sealed class TrainingPhasesTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("phases").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_probe_changes_the_classifier_and_nothing_else()
    {
        var start = StartWeights();
        var probed = Train(Job("probe",
            Recipe with { ProbeEpochs = 1, Epochs = 1, EmaDecay = 0, KeepBest = 2 }) with { StartWeights = start });
        var first = ModelFile.Load(Path.Combine(_root, "probe", "best", "epoch-0001.safetensors")).Weights;
        Assert.Equal(2, probed.History.Length);
        foreach (var (name, tensor) in first)
        {
            if (name.StartsWith("classifier.", StringComparison.Ordinal)) Assert.NotEqual(start[name].Values, tensor.Values);
            else Assert.Equal(start[name].Values, tensor.Values);
        }
    }

    [Fact]
    public void Frozen_parts_keep_weights_and_statistics()
    {
        var start = StartWeights();
        var trained = Train(Job("freeze", Recipe with { Epochs = 1, Freeze = "stem,0" }) with { StartWeights = start }).Model.Weights;
        foreach (var (name, tensor) in trained)
        {
            bool frozen = name.StartsWith("stem.", StringComparison.Ordinal) || name.StartsWith("stages.0.", StringComparison.Ordinal);
            if (frozen) Assert.Equal(start[name].Values, tensor.Values);
        }

        Assert.NotEqual(start["stages.1.0.expand.norm.running_mean"].Values, trained["stages.1.0.expand.norm.running_mean"].Values);
        Assert.NotEqual(start["stages.1.0.expand.conv.weight"].Values, trained["stages.1.0.expand.conv.weight"].Values);
    }

    [Fact]
    public void A_start_of_other_classes_gets_a_new_classifier_and_one_of_the_same_keeps_its_own()
    {
        var graph = Tiny.Build(new Architectures.BuildOptions { Classes = 5 });
        var weights = WeightInitializer.Initialize(graph, 3);
        var model = Model.Of(Tiny, new ModelCard { Classes = ["a", "b", "c", "d", "e"], Preprocessing = Preprocessing.ForSize(24, 1) },
            weights);
        Assert.Same(weights, StartModel.WeightsFor(model, ["a", "b", "c", "d", "e"], 1));
        var other = StartModel.WeightsFor(model, Images.Classes, 1);
        Assert.Equal([3, 32], other["classifier.weight"].Shape);
        Assert.Same(weights["stem.conv.weight"], other["stem.conv.weight"]);
    }

    [Fact]
    public void Every_piece_at_once_survives_a_stop_to_the_same_bytes()
    {
        var recipe = Recipe with
        {
            Optimizer = OptimizerKind.RmsPropTf, LearningRate = 0.002, ProbeEpochs = 1, Epochs = 3, Accumulation = 2, KeepBest = 2,
                PreciseStatisticsBatches = 3,
            Progressive = new(16, 24, 2, 5, 0, 0.2, 0, 0.3, Stages: 3), Augmentation = new() { Policy = "tpu-rand-m5-n1" },
            Clipping = new() { Norm = 5, Adaptive = 0.1 },
        };
        Train(Job("whole", recipe));
        using var stop = new CancellationTokenSource();
        int steps = 0;
        Assert.Throws<OperationCanceledException>(() => Trainer.Run(
            Job("broken", recipe), new Stopper(() => { if (++steps == 10) stop.Cancel(); }), stop.Token));
        Train(Job("broken", recipe) with { Resume = true });
        string[] names = [.. Directory.EnumerateFiles(Path.Combine(_root, "whole"), "*",
            SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Path.Combine(_root, "whole"), file))];
        Assert.Contains("log.jsonl", names);
        Assert.Equal(2, names.Count(name => name.StartsWith("best", StringComparison.Ordinal)));
        foreach (string name in names.Where(name => !name.Contains("tfevents", StringComparison.Ordinal)))
            Assert.Equal(File.ReadAllBytes(Path.Combine(_root, "whole", name)), File.ReadAllBytes(Path.Combine(_root, "broken", name)));
    }

    [Fact]
    public void Mixed_images_train()
    {
        var outcome = Train(Job("mix", Recipe with { Epochs = 8, Mixing = new(0.2, 1) }));
        Assert.True(outcome.History[^1].TrainLoss < outcome.History[0].TrainLoss);
    }

    [Fact]
    public void Half_width_numbers_learn_too() =>
        Assert.InRange(Train(Job("bf16", Recipe with { Epochs = 12, LabelSmoothing = 0, Precision = Precision.Bf16 })).BestScore, 0.9, 1);

    [Fact]
    public void A_student_comes_nearer_to_its_teacher()
    {
        var taught = Train(Job("teacher", Recipe with { Epochs = 12, LabelSmoothing = 0 }));
        using var teacher = Teacher.Of(taught.Model);
        // The labels have no say, so all that the student learns of the colours it has from the teacher.
        var student = Train(Job("student",
            Recipe with { Epochs = 12, Seed = 9, Distillation = new() { Weight = 1 } }) with { Task = new DistillationTask(teacher) });
        Assert.InRange(student.BestScore, 0.9, 1);
    }

    [Fact]
    public void A_teacher_sees_images_in_its_own_statistics_and_answers_in_the_students_order()
    {
        var card = new ModelCard
        {
            Classes = ["x", "red", "green", "blue"],
            Preprocessing = Preprocessing.ForSize(2, 1) with { Mean = [0, 0, 0], StandardDeviation = [1, 1, 1] },
        };
        using var runner = new Echo();
        using var teacher = new Teacher(card, (_, _) => runner);
        var student = Preprocessing.ForSize(2, 1) with { Mean = [0.5f, 0.25f, 0], StandardDeviation = [0.5f, 0.5f, 2] };
        float[] logits = teacher.Logits([.. Enumerable.Repeat(1f, 12)], 1, student, ["blue", "red"]);
        // 1 · 0.5 + 0.5, 1 · 0.5 + 0.25, 1 · 2 + 0.
        Assert.Equal([1, 1, 1, 1, 0.75f, 0.75f, 0.75f, 0.75f, 2, 2, 2, 2], runner.Seen);
        Assert.Equal([3, 1], logits);
        Assert.Contains("'pink'", Assert.Throws<InvalidInputException>(() => teacher.Check(student, ["pink"])).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Patience_ends_a_run_that_gets_no_better()
    {
        var outcome = Train(Job("patience", Recipe with { Epochs = 40, Patience = 2, LearningRate = 1e-9, EmaDecay = 0 }));
        Assert.InRange(outcome.History.Length, outcome.BestEpoch + 2, 20);
        Assert.Equal(outcome.BestEpoch + 2, outcome.History.Length);
    }

    [Fact]
    public void The_best_models_are_kept_and_no_others()
    {
        var outcome = Train(Job("best", Recipe with { Epochs = 6, KeepBest = 3 }));
        var expected = outcome.History.OrderByDescending(epoch => epoch.ValidationScore).ThenBy(epoch => epoch.ValidationLoss).Take(3)
            .Select(epoch => $"epoch-{epoch.Epoch:D4}.safetensors");
        Assert.Equal(expected.Order(), Directory.EnumerateFiles(Path.Combine(_root, "best", "best")).Select(Path.GetFileName).Order());
        Assert.Equal(
            File.ReadAllBytes(outcome.ModelPath!),
            File.ReadAllBytes(Path.Combine(_root, "best", "best", $"epoch-{outcome.BestEpoch:D4}.safetensors")));
    }

    [Fact]
    public void A_class_that_validation_lacks_does_no_harm()
    {
        var validation = new SubsetDataset(Splits.Validation,
            [.. Enumerable.Range(0, Splits.Validation.Count).Where(i => Splits.Validation.LabelOf(i) != 1)]);
        var outcome = Train(Job("lacking", Recipe) with { Data = Splits with { Validation = validation } });
        Assert.All(outcome.History, epoch => Assert.True(double.IsFinite(epoch.ValidationLoss!.Value)));
    }

    private TrainingJob Job(string folder, TrainingRecipe recipe) => In(Path.Combine(_root, folder)) with { Recipe = recipe };

    private static WeightSet StartWeights() => WeightInitializer.Initialize(Tiny.Build(new Architectures.BuildOptions { Classes = 3 }), 77);

    private sealed class Stopper(Action step) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Ended is null) step();
        }
    }

    // Answers 0, 1, 2, 3 and remembers what it saw.
    private sealed class Echo : IModelRunner
    {
        public float[] Seen { get; private set; } = [];

        public string Backend => "echo";

        public Graphs.TensorShape InputShape => Graphs.TensorShape.Map(3, 2, 2);

        public Graphs.TensorShape OutputShape => Graphs.TensorShape.Vector(4);

        public void Run(ReadOnlySpan<float> input, int batch, Span<float> output)
        {
            Seen = input.ToArray();
            for (int i = 0; i < 4; i++) output[i] = i;
        }

        public void Dispose()
        {
        }
    }
}
