using System.Collections.Immutable;
using EfficientNetSharp.Costs;
using EfficientNetSharp.Studies.Replacement;
using EfficientNetSharp.Studies.Search;
using EfficientNetSharp.Studies.Trials;
using EfficientNetSharp.Training;

namespace EfficientNetSharp.Studies.Running;

/// <summary>How a process takes part in a study.</summary>
public sealed record StudyRunOptions
{
    /// <summary>The trials that this process keeps to. Default all.</summary>
    public Shard Shard { get; init; } = Shard.Whole;

    /// <summary>Where among them it begins. Default at the first.</summary>
    public WorkerPlace Place { get; init; } = WorkerPlace.Alone;

    /// <summary>What tells the time of a network, in a search that goes by it.</summary>
    public ILatencyModel? Latency { get; init; }

    /// <summary>Trained weights that networks of a replacement study start from. Default none.</summary>
    public ImmutableArray<StartWeights> Starts { get; init; } = [];

    /// <summary>
    /// Whether the engine's time is measured of each network of a replacement study, some seconds each. No result that is compared depends on
    /// it. Default true.
    /// </summary>
    public bool TimesNetworks { get; init; } = true;

    /// <summary>Whether to end, rather than to wait, where other processes have all that is left. Default false.</summary>
    public bool EndsEarly { get; init; }

    /// <summary>Signs of life of this process and of others. Default <see cref="TimeProvider.System"/>.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}

/// <summary>
/// Trains the trials of a study that have no result yet, one after the other. Any number of processes may do so in one folder; none does
/// what another has or has done, and what a process had when it ended is done by another. A study that was stopped, at whatever moment, has
/// lost the trials under way and no more, and ends with the same table as one that was not.
/// </summary>
public static class StudyRunner
{
    // Another process's trial takes seconds at least.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Trains what is left of a study.</summary>
    /// <param name="study">The study.</param>
    /// <param name="data">Its images.</param>
    /// <param name="folder">Its folder, in which it has begun (<see cref="StudyFolder.Begin"/>).</param>
    /// <param name="options">This process's part; <see langword="null"/> for all of it.</param>
    /// <param name="progress">Told of each step and of each result, on the calling thread.</param>
    /// <param name="cancellationToken">Stops after the step under way; the trial under way is lost.</param>
    /// <returns>How many trials this process has done.</returns>
    /// <exception cref="InvalidInputException">
    /// The images are not the study's, a trial cannot be trained at all, or the table is damaged.
    /// </exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static int Run(
        Study study, StudyData data, StudyFolder folder, StudyRunOptions? options = null, IProgress<StudyProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(study);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(folder);
        options ??= new StudyRunOptions();
        if (data.Fingerprint != study.Settings.Data.Fingerprint)
        {
            throw new InvalidInputException(
                $"The images of '{data.Info.Name}' are not those that the study is of; name the study's own, or another folder with -o.");
        }

        bool timesNetworks = study.Settings is { Kind: StudyKind.Search, Search.Cost: SearchCost.Latency };
        if (timesNetworks && options.Latency?.Name != study.Settings.Search.Latency)
            throw new ArgumentException("The search goes by latency, and another than its own tells it, or nothing does.", nameof(options));

        var claims = new TrialClaims(folder.Claims, options.TimeProvider);
        var starts = options.Starts.DistinctBy(start => start.Fingerprint).ToDictionary(start => start.Fingerprint, StringComparer.Ordinal);
        var trainer = new TrialTrainer(
            data, timesNetworks ? options.Latency : null,
            new EmbeddingTrialTrainer(data, new KeptModels(folder.Models), starts, options.TimesNetworks));
        var sizes = new Dictionary<string, TrialSize>(StringComparer.Ordinal);
        for (int done = 0; ;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var view = TableView.Of(study, folder, options, claims, sizes);
            if (view.Open.IsEmpty && !view.IsUndecided) return done;
            if (RunOne(view, folder, claims, trainer, progress, cancellationToken))
            {
                done++;
                continue;
            }

            if (options.EndsEarly) return done;
            progress?.Report(view.Progress(null));
            cancellationToken.WaitHandle.WaitOne(Pause);
        }
    }

    // False where nobody left a trial to do.
    private static bool RunOne(
        TableView view, StudyFolder folder, TrialClaims claims, TrialTrainer trainer, IProgress<StudyProgress>? progress,
        CancellationToken cancellationToken)
    {
        foreach (var trial in view.Open)
        {
            using var claim = claims.TryTake(trial);
            if (claim is null) continue;
            // It may have been done between the look at the table and the claim.
            if (folder.Table.Read().ContainsKey(trial.Key)) return true;
            progress?.Report(view.Progress(trial));
            var relay = new SynchronousProgress<TrainingProgress>(step => progress?.Report(view.Progress(trial) with { Training = step }));
            var result = trainer.Run(trial, relay, cancellationToken);
            // Where this process stood still for long, another has taken the trial and says the same of it.
            if (claim.TakenBy() is null) folder.Table.Append(result);
            progress?.Report(view.Progress(trial) with { Done = view.Done + view.Places[result.Key], Result = result });
            return true;
        }

        return false;
    }

    /// <summary>The study as the table has it at a moment.</summary>
    private sealed record TableView(
        ImmutableArray<Trial> Open, IReadOnlyDictionary<string, int> Places, bool IsUndecided, int Done, int Total, double? SecondsLeft, int Processes)
    {
        // Sizes are kept from one moment to the next: a graph is built for each.
        public static TableView Of(
            Study study, StudyFolder folder, StudyRunOptions options, TrialClaims claims, Dictionary<string, TrialSize> sizes)
        {
            var results = folder.Table.Read();
            var trials = study.Trials(results);
            // One that stands at several points is one to do.
            var keys = trials.Select(trial => trial?.Key).ToList();
            var seen = new HashSet<string>(StringComparer.Ordinal);
            var left = new List<TrialSize>();
            var open = new List<Trial>();
            bool isUndecided = false;
            for (int i = 0; i < trials.Length; i++)
            {
                if (trials[i] is not { } trial || results.ContainsKey(keys[i]!) || !seen.Add(keys[i]!)) continue;
                if (!sizes.TryGetValue(keys[i]!, out var size)) sizes.Add(keys[i]!, size = TrialSize.Of(trial, study.Settings.Data));
                left.Add(size);
                if (!options.Shard.Holds(i)) continue;
                // A network is taught when its teacher is trained.
                if (trial.Embedding?.Teacher is { } teacher && !results.ContainsKey(teacher.Key)) isUndecided = true;
                else open.Add(trial);
            }

            int start = open.Count * options.Place.Index / options.Place.Count;
            var measured = MeasuredBy(results).ToList();
            var model = CostModel.Of(measured);
            // Those that are not decided yet are like those that were.
            int undecided = trials.Count(trial => trial is null);
            double? seconds = model is null ? null
                : left.Sum(model.SecondsOf) + (undecided * measured.Average(one => one.Seconds));
            isUndecided |= Enumerable.Range(0, trials.Length).Any(i => trials[i] is null && options.Shard.Holds(i));
            return new TableView(
                [.. open.Skip(start), .. open.Take(start)],
                keys.OfType<string>().GroupBy(key => key).ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal), isUndecided,
                keys.Count(key => key is not null && results.ContainsKey(key)), trials.Length, seconds, Math.Max(1, claims.CountHeld()));
        }

        public StudyProgress Progress(Trial? trial) => new(Done, Total, trial)
        {
            Remaining = SecondsLeft is { } seconds ? TimeSpan.FromSeconds(seconds / Processes) : null,
            Processes = Processes,
        };

        // Machines differ; this one's own trials tell best of it.
        private static IEnumerable<(TrialSize Size, double Seconds)> MeasuredBy(IReadOnlyDictionary<string, TrialResult> results)
        {
            var own = results.Values.Where(result => result.Host == Environment.MachineName).ToList();
            return (own.Count > 0 ? own : results.Values).Where(result => result.Diverged is null)
                .Select(result => (TrialSize.Of(result), result.Seconds));
        }
    }
}
