using System.Text.Json.Nodes;
using EfficientNetSharp.Models.Safetensors;
using EfficientNetSharp.Training.Optimizers;
using EfficientNetSharp.Training.Runs;
using EfficientNetSharp.Training.Tasks;
using EfficientNetSharp.Training.Tests.Distributed;
using static EfficientNetSharp.Training.Tests.SmallJobs;

namespace EfficientNetSharp.Training.Tests.Tasks;

/// <summary>Whole runs of a task that is not classification and trains a matrix beside the network.</summary>
public sealed class TrainingTaskTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("tasks").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void An_embedding_is_learned_and_the_model_holds_the_network_alone()
    {
        var outcome = Train(Job("learn", epochs: 12));
        Assert.InRange(outcome.BestScore, 0.9, 1);
        Assert.InRange(outcome.History[^1].TrainMeasure!.Value, 0.7, 1);
        Assert.Empty(outcome.Model.Card.Classes);
        Assert.Equal(outcome.Model.Graph.Parameters.Select(parameter => parameter.Name).Order(), outcome.Model.Weights.Keys.Order());
        Assert.Equal("prototypes", outcome.Model.Card.Provenance["task"]);
        Assert.Contains("validation_recall_at_1", outcome.Model.Card.Provenance.Keys);
    }

    [Fact]
    public void Files_call_the_measures_by_their_names()
    {
        var job = Job("names", epochs: 2);
        var outcome = Train(job);
        var folder = new RunFolder(job.Folder!);
        Assert.Equal("epoch,train_loss,train_top1,validation_loss,validation_recall_at_1,learning_rate",
            File.ReadLines(folder.History).First());
        Assert.Equal(outcome.History, folder.ReadHistory(outcome.Task));
        var epoch = JsonNode.Parse(File.ReadLines(folder.Log).Last())!["epoch"]!.AsObject();
        Assert.Equal(["epoch", "trainLoss", "validationLoss", "validationRecallAt1", "learningRate", "trainTop1"],
            epoch.Select(member => member.Key));
        Assert.Null(epoch["validationLoss"]);
        var damaged = Assert.Throws<InvalidInputException>(() => folder.ReadHistory(new ClassificationTask().Summary));
        Assert.Contains("damaged", damaged.Message, StringComparison.Ordinal);
    }

    // Stopped in good order, with a checkpoint of that moment; and killed, with the last epoch's.
    [Theory]
    [InlineData(3, false)]
    [InlineData(7, false)]
    [InlineData(7, true)]
    public void A_run_that_ends_early_and_goes_on_ends_with_the_same_bytes(int stopAfter, bool killed)
    {
        var whole = Job("whole");
        Train(whole);
        var broken = Job("broken");
        using var stop = new CancellationTokenSource();
        int steps = 0;
        Assert.ThrowsAny<Exception>(() => Trainer.Run(broken, new Watcher(() =>
        {
            if (++steps != stopAfter) return;
            if (killed) throw new InvalidOperationException("killed");
            stop.Cancel();
        }), stop.Token));
        Assert.Equal(stopAfter, steps);
        Train(broken with { Resume = true });
        foreach (string name in new[] { "model.safetensors", "checkpoint.safetensors", "history.csv", "log.jsonl" })
            Assert.Equal(File.ReadAllBytes(Path.Combine(whole.Folder!, name)), File.ReadAllBytes(Path.Combine(broken.Folder!, name)));
    }

    [Fact]
    public void What_is_trained_beside_the_network_is_in_the_checkpoint_and_moves()
    {
        var job = Job("checkpoint", epochs: 1);
        Train(job);
        using var file = SafetensorsFile.Open(new RunFolder(job.Folder!).Checkpoint);
        var graph = TinyEmbedding.Build(new Architectures.BuildOptions { Classes = 0 });
        long network = graph.Parameters.Where(parameter => parameter.IsTrainable).Sum(parameter => parameter.Count);
        foreach (string name in new[] { "values", "average.values", "optimizer.mean" })
            Assert.Equal(network + (3 * 16), file.ReadFloat32(name).Length);
        Assert.NotEqual(file.ReadFloat32("values"), file.ReadFloat32("average.values"));
    }

    [Fact]
    public void Two_processes_train_as_one_does()
    {
        // Plain gradient descent, as Adam's division makes much of small differences.
        var recipe = Recipe with { Epochs = 2, Optimizer = OptimizerKind.SgdNesterov, LearningRate = 0.0005 };
        var job = Job(null) with { Recipe = recipe };
        var one = Train(job);
        var two = new TrainingOutcome[2];
        ThreadGroup.Run(2, group => two[group.Rank] = Train(job with { Group = group }));
        Assert.Equal(two[0].History, two[1].History);
        foreach (var (name, tensor) in two[0].Model.Weights) Assert.Equal(tensor.Values, two[1].Model.Weights[name].Values);
        foreach (var (expected, found) in one.History.Zip(two[0].History))
        {
            Assert.Equal(expected.TrainLoss, found.TrainLoss, 1e-4);
            Assert.Equal(expected.ValidationScore, found.ValidationScore);
        }

        foreach (var (name, tensor) in one.Model.Weights)
        {
            float[] found = two[0].Model.Weights[name].Values;
            for (int i = 0; i < found.Length; i++) Assert.Equal(tensor.Values[i], found[i], 1e-3f);
        }
    }

    [Fact]
    public void A_run_of_another_task_is_not_continued()
    {
        var job = Job("task", epochs: 1);
        Train(job);
        var other = job with { Network = Tiny, Task = new ClassificationTask(), Resume = true };
        Assert.Contains("cannot go on", Assert.Throws<InvalidInputException>(() => Train(other)).Message, StringComparison.Ordinal);
    }

    private TrainingJob Job(string? folder, int epochs = 3) => In(folder is null ? null : Path.Combine(_root, folder)) with
    {
        Network = TinyEmbedding, Task = new PrototypeTask(), Recipe = Recipe with { Epochs = epochs },
    };

    private sealed class Watcher(Action step) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            if (value.Ended is null) step();
        }
    }
}
