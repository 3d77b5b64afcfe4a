using System.Collections.Concurrent;
using EfficientNetSharp.Studies.Running;
using EfficientNetSharp.Studies.Trials;
using EfficientNetSharp.Training.Optimizers;
using EfficientNetSharp.Training.Runs;
using EfficientNetSharp.Training.Schedules;

namespace EfficientNetSharp.Studies.Tests.Running;

public sealed class StudyRunnerTests : IDisposable
{
    private static readonly Lazy<string> Whole = new(WholeTable);

    private readonly string _root = Directory.CreateTempSubdirectory("study").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_study_that_is_stopped_again_and_again_ends_with_the_table_of_an_unbroken_one()
    {
        var (study, folder) = Begin("stopped");
        int stops = 0;
        for (bool done = false; !done;)
        {
            using var stop = new CancellationTokenSource();
            // Later in the run each time: in the middle of a trial, between trials, before the first.
            int left = 1 + (stops % 4);
            try
            {
                StudyRunner.Run(study, SmallStudies.Data, folder, progress: new Watch(_ =>
                {
                    if (stops < 10 && --left == 0) stop.Cancel();
                }), cancellationToken: stop.Token);
                done = true;
            }
            catch (OperationCanceledException)
            {
                stops++;
            }
        }

        Assert.Equal(10, stops);
        Assert.Equal(Whole.Value, CsvOf(study, folder));
    }

    [Fact]
    public void Runners_that_share_a_folder_never_do_a_trial_twice_and_end_with_the_same_table()
    {
        var (study, folder) = Begin("shared");
        var done = new ConcurrentBag<string>();
        // libtorch has one number of threads for the process, which is the same in all trials.
        var runners = Enumerable.Range(0, 3).Select(i => new Thread(() => StudyRunner.Run(
            study, SmallStudies.Data, folder, new StudyRunOptions { Place = new WorkerPlace(i, 3) },
            new Watch(step =>
            {
                if (step.Result is { } result) done.Add(result.Key);
            }), TestContext.Current.CancellationToken))).ToList();
        foreach (var runner in runners) runner.Start();
        foreach (var runner in runners) runner.Join();
        Assert.Equal(done.Count, done.Distinct().Count());
        Assert.Equal(folder.Table.Read().Count, done.Count);
        Assert.Equal(Whole.Value, CsvOf(study, folder));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Claims));
    }

    [Fact]
    public void A_trial_of_a_process_that_is_gone_is_done_and_one_of_a_living_process_is_waited_for()
    {
        var (study, folder) = Begin("claims");
        var trials = study.Trials(folder.Table.Read()).OfType<Trial>().ToList();
        var owner = RunOwner.Current(TimeProvider.System.GetUtcNow());
        Directory.CreateDirectory(folder.Claims);
        File.WriteAllText(Path.Combine(folder.Claims, trials[0].Key + ".lock"), (owner with { ProcessStart = "of another" }).ToJson());
        File.WriteAllText(Path.Combine(folder.Claims, trials[1].Key + ".lock"), owner.ToJson());

        int done = StudyRunner.Run(
            study, SmallStudies.Data, folder, new StudyRunOptions { EndsEarly = true }, cancellationToken: TestContext.Current.CancellationToken);
        var results = folder.Table.Read();
        Assert.Equal(done, results.Count);
        Assert.Contains(trials[0].Key, results.Keys);
        Assert.DoesNotContain(trials[1].Key, results.Keys);

        // It leaves, and whoever waits goes on.
        File.Delete(Path.Combine(folder.Claims, trials[1].Key + ".lock"));
        Assert.Equal(1, StudyRunner.Run(study, SmallStudies.Data, folder, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equal(Whole.Value, CsvOf(study, folder));
    }

    [Fact]
    public void Shards_do_all_together()
    {
        var (study, folder) = Begin("shards");
        int total = 0;
        foreach (int number in new[] { 2, 1 })
        {
            total += StudyRunner.Run(
                study, SmallStudies.Data, folder, new StudyRunOptions { Shard = new Shard(number, 2) },
                cancellationToken: TestContext.Current.CancellationToken);
        }

        Assert.Equal(folder.Table.Read().Count, total);
        Assert.Equal(Whole.Value, CsvOf(study, folder));
    }

    [Fact]
    public void A_training_that_diverges_is_a_result()
    {
        var settings = SmallStudies.Settings() with
        {
            Recipe = SmallStudies.Settings().Recipe with
            {
                Optimizer = OptimizerKind.SgdNesterov, LearningRate = 900, WeightDecay = 900, Epochs = 20,
                Schedule = new ScheduleOptions { WarmUpEpochs = 0 },
            },
        };
        var study = Study.Of(settings);
        var folder = new StudyFolder(Path.Combine(_root, "diverged"));
        folder.Begin(settings);
        StudyRunner.Run(study, SmallStudies.Data, folder, cancellationToken: TestContext.Current.CancellationToken);
        var results = folder.Table.Read();
        Assert.Contains(results.Values, result => result.Diverged is { } why && why.Contains("diverged", StringComparison.Ordinal));
        folder.WriteReport(study);
        Assert.Contains("Training diverged in", File.ReadAllText(folder.Page), StringComparison.Ordinal);
    }

    [Fact]
    public void A_search_that_is_stopped_is_replayed_from_its_table()
    {
        var settings = SmallStudies.Settings(StudyKind.Search);
        var study = Study.Of(settings);
        string[] tables = [.. new[] { 0, 3 }.Select(stopAfter =>
        {
            var folder = new StudyFolder(Path.Combine(_root, $"search{stopAfter}"));
            folder.Begin(settings);
            int results = 0;
            using var stop = new CancellationTokenSource();
            try
            {
                StudyRunner.Run(study, SmallStudies.Data, folder, progress: new Watch(step =>
                {
                    if (step.Result is not null && ++results == stopAfter) stop.Cancel();
                }), cancellationToken: stop.Token);
            }
            catch (OperationCanceledException)
            {
                StudyRunner.Run(study, SmallStudies.Data, folder, cancellationToken: TestContext.Current.CancellationToken);
            }

            return CsvOf(study, folder);
        })];
        Assert.Equal(tables[0], tables[1]);
        // Six of each strategy, of which three are shared, and three finals.
        Assert.Equal(1 + 6 + 6 + 3, tables[0].Count(c => c == '\n'));
    }

    [Fact]
    public void Time_left_counts_trials_that_are_not_decided_yet()
    {
        var settings = SmallStudies.Settings(StudyKind.Search);
        var study = Study.Of(settings);
        var folder = new StudyFolder(Path.Combine(_root, "left"));
        folder.Begin(settings);
        double? left = null, least = null;
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => StudyRunner.Run(study, SmallStudies.Data, folder, progress: new Watch(step =>
        {
            if (left is not null || step is not { Result: null, Training: null, Remaining: { } remaining }) return;
            var results = folder.Table.Read();
            least = study.Trials(results).Count(trial => trial is null) * results.Values.Average(result => result.Seconds);
            left = remaining.TotalSeconds;
            stop.Cancel();
        }), cancellationToken: stop.Token));
        Assert.True(least > 0 && left > least, $"{left} s, and those not decided take {least} s");
    }

    [Fact]
    public void Other_images_and_another_study_are_refused_and_more_seeds_go_on()
    {
        var (study, folder) = Begin("grown");
        Assert.Throws<InvalidInputException>(() => folder.Begin(study.Settings with { Kind = StudyKind.Grid }));
        Assert.Throws<InvalidInputException>(() => folder.Begin(study.Settings with { Data = study.Settings.Data with { Fingerprint = "x" } }));
        StudyRunner.Run(study, SmallStudies.Data, folder, cancellationToken: TestContext.Current.CancellationToken);
        int before = folder.Table.Read().Count;

        var more = study.Settings with { Seeds = 2 };
        Assert.True(folder.Begin(more));
        Assert.Equal(
            before, StudyRunner.Run(Study.Of(more), SmallStudies.Data, folder, cancellationToken: TestContext.Current.CancellationToken));
        Assert.Equivalent(more, folder.ReadSettings());
    }

    [Fact]
    public void Progress_tells_of_the_time_left_once_a_trial_is_done()
    {
        var (study, folder) = Begin("progress");
        var seen = new List<StudyProgress>();
        StudyRunner.Run(study, SmallStudies.Data, folder, progress: new Watch(seen.Add), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Null(seen[0].Remaining);
        Assert.NotNull(seen.Last(step => step.Result is null).Remaining);
        Assert.Equal(Enumerable.Range(1, seen[^1].Total), seen.Where(step => step.Result is not null).Select(step => step.Done));
    }

    private (Study Study, StudyFolder Folder) Begin(string name)
    {
        var study = Study.Of(SmallStudies.Settings());
        var folder = new StudyFolder(Path.Combine(_root, name));
        Assert.False(folder.Begin(study.Settings));
        return (study, folder);
    }

    private static string CsvOf(Study study, StudyFolder folder)
    {
        folder.WriteReport(study);
        return File.ReadAllText(folder.Csv);
    }

    private static string WholeTable()
    {
        string root = Directory.CreateTempSubdirectory("whole").FullName;
        try
        {
            var study = Study.Of(SmallStudies.Settings());
            var folder = new StudyFolder(root);
            folder.Begin(study.Settings);
            StudyRunner.Run(study, SmallStudies.Data, folder);
            return CsvOf(study, folder);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private sealed class Watch(Action<StudyProgress> see) : IProgress<StudyProgress>
    {
        public void Report(StudyProgress value) => see(value);
    }
}
