using EfficientNetSharp.Architectures;
using EfficientNetSharp.Data;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Imaging.Transforms;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Runs;
using EfficientNetSharp.Training.Torch;
using EfficientNetSharp.Training.Transfer;
using static EfficientNetSharp.Training.Tests.SmallJobs;

namespace EfficientNetSharp.Training.Tests.Probing;

public sealed class ProbedRunTests : IDisposable
{
    private const int Count = 33;

    // Random weights: their features tell colours apart already.
    private static readonly WeightSet Start = WeightInitializer.Initialize(
        Tiny.Build(new BuildOptions { Classes = 3, Height = 24, Width = 24 }), seed: 8);

    // They see no colours, so that the probe guesses and fine-tuning is better.
    private static readonly WeightSet Blind = new(Start.Select(pair => KeyValuePair.Create(pair.Key, pair.Key.StartsWith("stem.", StringComparison.Ordinal)
        && pair.Value.Shape.Length == 4 ? Grey(pair.Value) : pair.Value)));

    private static readonly InMemoryDataset All = Images.Make(Count, 3);

    private readonly string _root = Directory.CreateTempSubdirectory("probed").FullName;

    private static TrainingRecipe Probed => Recipe with { Epochs = 2, Probe = new ProbeOptions(), FixedStatistics = true };

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Without_a_part_to_validate_with_all_images_judge_and_all_are_learned_from()
    {
        var outcome = Train(Folded("folded"));
        var probe = outcome.Probe!;
        Assert.Equal((Count, 3, Count), (probe.Images, probe.Folds, (int)probe.Judged));
        Assert.Equal(Enumerable.Range(0, 3), outcome.History.Select(epoch => epoch.Epoch));
        Assert.Equal(probe.ProbeScore, outcome.History[0].ValidationScore);
        Assert.Equal(outcome.BestScore, probe.HeldOut!.Top1);
        Assert.True(outcome.BestScore >= probe.ProbeScore);
        Assert.Equal(probe.KeepsProbe ? 0 : 2, outcome.BestEpoch);
        Assert.Contains(probe.FineTunedShare, (double[])[0.5, 1]);

        var card = outcome.Model.Card.Provenance;
        Assert.Equal($"{Count}", card[ProvenanceKeys.TrainingImages]);
        Assert.Equal("0", card[ProvenanceKeys.ValidationImages]);
        Assert.Equal("3", card[ProvenanceKeys.Folds]);
        Assert.Contains(ProvenanceKeys.CrossValidated("top1"), card.Keys);
        Assert.Equal(Count, LearnedImages.Of(outcome.Model.Card, All).Learned.Length);
        Assert.Equal(Count, LearnedImages.Of(ModelFile.Load(new RunFolder(PathOf("folded")).Probe).Card, All).Learned.Length);
    }

    [Fact]
    public void Of_many_images_a_third_is_held_out_once_and_all_are_learned_from()
    {
        var job = Folded("many") with { Recipe = Probed with { Probe = new ProbeOptions(MaxFoldedImages: Count - 1) } };
        var outcome = Train(job);
        Assert.Equal((Count, 1, Count / 3), (outcome.Probe!.Images, outcome.Probe.Folds, (int)outcome.Probe.Judged));
        Assert.Equal(outcome.Probe.ProbeScore, outcome.History[0].ValidationScore);
        Assert.Equal("1", outcome.Model.Card.Provenance[ProvenanceKeys.Folds]);
        Assert.Equal(Count, LearnedImages.Of(outcome.Model.Card, All).Learned.Length);
        Assert.Equal(outcome.BestScore, Train(job with { Resume = true }).BestScore);
    }

    [Fact]
    public void What_the_folds_chose_is_trained_on_all_images()
    {
        var alone = new List<TrainingProgress>();
        var outcome = Trainer.Run(
            Won("all"), new Watcher(progress => { if (progress.Fold > progress.Folds) alone.Add(progress); }), TestContext.Current.CancellationToken);
        Assert.False(outcome.Probe!.KeepsProbe);
        // The same as a training on all of them that begins with the probe and judges nothing.
        var probe = ModelFile.Load(new RunFolder(PathOf("all")).Probe);
        var plain = Train(Folded("plain") with
        {
            Data = new DatasetSplits(All, All, null, []), StartWeights = probe.Weights, Recipe = Won("plain").Recipe with { Probe = null }, KeepsLast = true,
        });
        foreach (var (name, tensor) in WeightLine.Between(probe.Weights, plain.Model.Weights, outcome.Probe.FineTunedShare))
            Assert.Equal(tensor.Values, outcome.Model.Weights[name].Values);
        Assert.All(alone.Where(progress => progress.Ended is not null), progress => Assert.Null(progress.Ended!.ValidationScore));
        Assert.Equal(3, alone.Count(progress => progress.Ended is not null));
    }

    [Fact]
    public void One_fold_sets_a_part_aside_for_good()
    {
        var job = Folded("aside") with { Recipe = Probed with { Probe = new ProbeOptions(Folds: 1) } };
        var outcome = Train(job);
        Assert.Equal(
            (job.Data.Train.Count, 0, job.Data.Validation.Count),
            (outcome.Probe!.Images, outcome.Probe.Folds, (int)outcome.Probe.Judged));
        Assert.Equal(job.Data.Train.Count, LearnedImages.Of(outcome.Model.Card, All).Learned.Length);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_fine_tuning_that_destroys_the_network_leaves_the_probe(bool isFolded)
    {
        var ruinous = Probed with { LearningRate = 0.3, EmaDecay = 0 };
        var job = isFolded ? Folded("ruined") : Divided("ruined");
        var outcome = Train(job with { Recipe = ruinous });
        var probe = outcome.Probe!;
        Assert.True(probe.FineTunedScore < probe.ProbeScore, $"{probe.FineTunedScore} and {probe.ProbeScore}");
        Assert.True(probe.KeepsProbe);
        Assert.Equal(0, outcome.BestEpoch);
        Assert.Equal(probe.ProbeScore, outcome.BestScore);
        var kept = ModelFile.Load(new RunFolder(job.Folder!).Probe);
        foreach (var (name, tensor) in kept.Weights) Assert.Equal(tensor.Values, outcome.Model.Weights[name].Values);
    }

    [Fact]
    public void With_a_part_to_validate_with_the_probe_is_the_epoch_before_the_first()
    {
        var outcome = Train(Divided("divided"));
        Assert.Equal(Enumerable.Range(0, 3), outcome.History.Select(epoch => epoch.Epoch));
        Assert.Equal(outcome.History.Max(epoch => epoch.ValidationScore), outcome.BestScore);
        Assert.Equal((0, Splits.Train.Count), (outcome.Probe!.Folds, outcome.Probe.Images));
        // The engine's and libtorch's rows differ in the last bits; the score is by libtorch on both sides here.
        var probe = ModelFile.Load(new RunFolder(PathOf("divided")).Probe);
        using var runner = new TorchRunner(probe.Graph, probe.Weights);
        var judged = DatasetEvaluator.Run(
            runner, new EvaluationTransform(probe.Card.Preprocessing), Splits.Validation, new EvaluationOptions(),
            cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(judged.Top1, outcome.History[0].ValidationScore);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_probe_alone_trains_nothing(bool isFolded)
    {
        var job = isFolded ? Folded("alone") : Divided("alone");
        var outcome = Train(job with { Recipe = Probed with { Probe = new ProbeOptions(Only: true) } });
        Assert.Null(outcome.Probe!.FineTunedScore);
        Assert.Equal([0], outcome.History.Select(epoch => epoch.Epoch));
        Assert.Equal(outcome.BestScore, outcome.Probe.ProbeScore);
        var graph = job.BuildGraph();
        foreach (var parameter in graph.Nodes.Where(node => node.Role != Graphs.NodeRole.Classifier).SelectMany(node => node.Parameters))
            Assert.Equal(Start[parameter].Values, outcome.Model.Weights[parameter].Values);
        Assert.Equal(outcome.History, new RunFolder(job.Folder!).ReadHistory(outcome.Task));
    }

    // In the reading of features, in each fold and in the training after them.
    [Theory]
    [InlineData(true, 0)]
    [InlineData(true, 1)]
    [InlineData(true, 4)]
    [InlineData(true, 9)]
    [InlineData(true, 27)]
    [InlineData(true, 33)]
    [InlineData(true, 38)]
    [InlineData(false, 0)]
    [InlineData(false, 3)]
    public void A_run_stopped_anywhere_and_resumed_ends_with_the_same_bytes(bool isFolded, int stopAfter)
    {
        var whole = isFolded ? Won("whole") : Divided("whole");
        var expected = Train(whole);
        if (isFolded) Assert.False(expected.Probe!.KeepsProbe);
        var broken = whole with { Folder = PathOf("broken") };
        using var stop = new CancellationTokenSource();
        int steps = 0;
        Assert.ThrowsAny<OperationCanceledException>(() => Trainer.Run(
            broken,
            new Watcher(progress =>
            {
                if (progress.Reading is null && progress.Probe is null && progress.Ended is null) steps++;
                if (steps == stopAfter) stop.Cancel();
            }),
            stop.Token));
        var resumed = Train(broken with { Resume = true });
        Assert.Equal(expected.History, resumed.History);
        Assert.Equal(Files(whole.Folder!), Files(broken.Folder!));
        foreach (string name in Files(whole.Folder!).Where(name => name.EndsWith(".safetensors", StringComparison.Ordinal)))
            Assert.Equal(File.ReadAllBytes(Path.Combine(whole.Folder!, name)), File.ReadAllBytes(Path.Combine(broken.Folder!, name)));

        var again = Train(broken with { Resume = true });
        Assert.Equal(expected.History, again.History);
        Assert.Equal(expected.Probe!.KeepsProbe, again.Probe!.KeepsProbe);
        Assert.Equal(expected.BestScore, again.BestScore);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_run_in_memory_gives_the_same_model(bool isFolded)
    {
        var job = isFolded ? Folded("kept") : Divided("kept");
        var kept = Train(job);
        var memory = Train(job with { Folder = null });
        Assert.Equal(kept.History, memory.History);
        foreach (var (name, tensor) in kept.Model.Weights) Assert.Equal(tensor.Values, memory.Model.Weights[name].Values);
    }

    [Fact]
    public void A_folder_with_a_probe_is_refused_unless_the_same_run_goes_on()
    {
        var job = Folded("taken");
        Train(job);
        Assert.Contains(
            "--resume", Assert.Throws<InvalidInputException>(() => Train(job)).Message, StringComparison.Ordinal);
        var other = job with { Resume = true, Recipe = Probed with { Epochs = 3 } };
        Assert.Contains("recipe", Assert.Throws<InvalidInputException>(() => Train(other)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_broken_image_is_left_out_and_told_once()
    {
        var outcome = Train(Folded("broken") with { Data = SplitsOf(Images.Make(Count, 3, 4, 20)) });
        Assert.Equal([4, 20], outcome.BrokenImages.Select(image => image.Index));
        Assert.Equal(Count - 2, outcome.Probe!.Judged);
        Assert.Throws<InvalidInputException>(
            () => Train(Folded("strict") with { Data = SplitsOf(Images.Make(Count, 3, 4)), Strict = true }));
    }

    [Fact]
    public void A_class_of_one_image_is_learned_by_every_fold()
    {
        var images = new SubsetDataset(All, [.. Enumerable.Range(0, Count).Where(i => i % 3 != 1 || i == 1)]);
        var outcome = Train(Folded("single") with { Data = SplitsOf(images) });
        Assert.Equal(images.Count - 1, outcome.Probe!.Judged);
        Assert.Equal(0, outcome.Probe.HeldOut!.Classes[1].Support);
    }

    private string PathOf(string name) => Path.Combine(_root, name);

    private TrainingJob Folded(string name) =>
        In(PathOf(name)) with { Data = SplitsOf(All), StartWeights = Start, Recipe = Probed };

    // Where fine-tuning is better than the probe.
    private TrainingJob Won(string name) => Folded(name) with
    {
        StartWeights = Blind, Recipe = Probed with { Epochs = 3, LearningRate = 0.02, EmaDecay = 0 },
    };

    private static WeightTensor Grey(WeightTensor kernel)
    {
        int area = kernel.Shape[2] * kernel.Shape[3];
        float[] values = [.. kernel.Values];
        for (int i = 0; i < values.Length; i++) values[i] = kernel.Values[(i / (3 * area) * 3 * area) + (i % area)];
        return new WeightTensor(kernel.Shape, values);
    }

    private TrainingJob Divided(string name) => In(PathOf(name)) with { StartWeights = Start, Recipe = Probed };

    private static DatasetSplits SplitsOf(IImageDataset all) => new(
        new SubsetDataset(all, [.. Enumerable.Range(0, all.Count).Where(i => i % 5 != 0)]),
        new SubsetDataset(all, [.. Enumerable.Range(0, all.Count).Where(i => i % 5 == 0)]), null, [])
    {
        Undivided = all,
    };

    private static string[] Files(string folder) =>
        [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file))
            .Where(name => !name.Contains("tfevents", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
}
