using EfficientNetSharp.Training.Optimizers;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Schedules;
using static EfficientNetSharp.Training.Tests.SmallJobs;

namespace EfficientNetSharp.Training.Tests;

public sealed class TrainerTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("trainer").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    public static TheoryData<int, OptimizerKind> Stops => new()
    {
        { 1, OptimizerKind.AdamW }, { 4, OptimizerKind.AdamW }, { 6, OptimizerKind.SgdNesterov }, { 8, OptimizerKind.AdamW },
            { 11, OptimizerKind.SgdNesterov },
    };

    [Theory]
    [MemberData(nameof(Stops))]
    public void A_run_stopped_after_any_step_and_resumed_ends_with_the_same_bytes(int stopAfter, OptimizerKind optimizer)
    {
        var whole = Job("whole") with { Recipe = Recipe with { Optimizer = optimizer } };
        var expected = Train(whole);

        var broken = whole with { Folder = Path.Combine(_root, "broken") };
        using var stop = new CancellationTokenSource();
        int steps = 0;
        Assert.Throws<OperationCanceledException>(() => Trainer.Run(
            broken,
            new Watcher(progress =>
            {
                if (progress.Ended is null && ++steps == stopAfter) stop.Cancel();
            }),
            stop.Token));
        var resumed = Train(broken with { Resume = true });

        Assert.Equal(expected.History, resumed.History);
        foreach (string name in new[] { "model.safetensors", "checkpoint.safetensors", "history.csv", "recipe.json" })
            Assert.Equal(File.ReadAllBytes(Path.Combine(whole.Folder!, name)), File.ReadAllBytes(Path.Combine(broken.Folder!, name)));
    }

    [Fact]
    public void Workers_do_not_change_the_weights()
    {
        var one = Train(Job("one") with { Workers = 1 });
        var three = Train(Job("three") with { Workers = 3 });
        Assert.Equal(File.ReadAllBytes(one.ModelPath!), File.ReadAllBytes(three.ModelPath!));
    }

    [Fact]
    public void Learns_to_tell_colours_apart()
    {
        var outcome = Train(Job("learn") with { Recipe = Recipe with { Epochs = 12, LabelSmoothing = 0 } });
        Assert.InRange(outcome.BestScore, 0.9, 1);
        Assert.Equal(Images.Classes, outcome.Model.Card.Classes);
        Assert.True(outcome.History[^1].TrainLoss < outcome.History[0].TrainLoss);
    }

    [Fact]
    public void Broken_images_are_left_out_and_counted_or_fatal_when_strict()
    {
        var splits = Splits with { Train = Images.Make(34, 1, broken: [3, 20]) };
        var outcome = Train(Job("skip") with { Data = splits });
        Assert.Equal([3, 20], outcome.BrokenImages.Select(image => image.Index));
        var failure = Assert.Throws<InvalidInputException>(() => Train(Job("strict") with { Data = splits, Strict = true }));
        Assert.Contains(".png", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_run_in_the_folder_is_neither_overwritten_nor_continued()
    {
        var job = Job("twice");
        Train(job);
        byte[] before = File.ReadAllBytes(Path.Combine(job.Folder!, "model.safetensors"));
        Assert.Contains("--resume", Assert.Throws<InvalidInputException>(() => Train(job)).Message, StringComparison.Ordinal);
        Assert.Contains("recipe", Refused(job with { Recipe = Recipe with { Seed = 9 } }), StringComparison.Ordinal);
        Assert.Contains("images", Refused(job with { Data = Splits with { Train = Images.Make(36, 5) } }), StringComparison.Ordinal);
        Assert.Contains("network", Refused(job with { Network = Tiny with { HeadChannels = 24 } }), StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(Path.Combine(job.Folder!, "model.safetensors")));

        string Refused(TrainingJob other) => Assert.Throws<InvalidInputException>(() => Train(other with { Resume = true })).Message;
    }

    [Fact]
    public void A_network_without_classes_is_refused_before_any_work()
    {
        var job = Job("embedding") with { Network = TinyEmbedding };
        Assert.Contains("embedding of 16", Assert.Throws<InvalidInputException>(() => Train(job)).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(job.Folder));
    }

    [Fact]
    public void A_recipe_that_keeps_trained_statistics_is_refused_where_there_are_none()
    {
        var job = Job("drawn") with { Recipe = Recipe with { FixedStatistics = true, LayerDecay = 0.9 } };
        Assert.Contains("fixedStatistics", Assert.Throws<InvalidInputException>(() => Train(job)).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(job.Folder));
        Train(job with { Recipe = job.Recipe.ForDrawnWeights() });
    }

    [Fact]
    public void Resuming_a_finished_run_gives_its_result_again()
    {
        var first = Train(Job("done"));
        var second = Train(Job("done") with { Resume = true });
        Assert.Equal(first.History, second.History);
        Assert.Equal(first.BestScore, second.BestScore);
    }

    [Fact]
    public void A_loss_that_is_not_finite_ends_the_run_and_names_the_step()
    {
        var failure = Assert.Throws<InvalidInputException>(() => Train(Job("diverge") with
        {
            Recipe = Recipe with
            {
                Optimizer = OptimizerKind.SgdNesterov,
                LearningRate = 900,
                Schedule = new ScheduleOptions { WarmUpEpochs = 0 },
                WeightDecay = 900,
                Epochs = 20,
            },
        }));
        Assert.Contains("step", failure.Message, StringComparison.Ordinal);
        Assert.Contains("--learning-rate", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_checkpoint_is_refused_in_one_line()
    {
        var job = Job("damaged");
        Train(job);
        string checkpoint = Path.Combine(job.Folder!, "checkpoint.safetensors");
        File.WriteAllBytes(checkpoint, File.ReadAllBytes(checkpoint)[..1000]);
        string message = Assert.Throws<InvalidInputException>(() => Train(job with { Resume = true })).Message;
        Assert.DoesNotContain('\n', message);
    }

    private TrainingJob Job(string folder) => In(Path.Combine(_root, folder));
}
