using System.CommandLine;
using EfficientNetSharp.Cli.Support.Devices;
using EfficientNetSharp.Cli.Support.Words;
using EfficientNetSharp.Costs;
using EfficientNetSharp.Prediction.Measuring;
using EfficientNetSharp.Running;
using EfficientNetSharp.Studies.Search;

namespace EfficientNetSharp.Cli.Support.Studies;

/// <summary>The words of a search.</summary>
internal sealed class SearchWords
{
    private static readonly SearchSettings Standard = new();

    private readonly Option<int> _trials = Count("--trials", "Networks that evolution tries, and as many that random search does.", Standard.Trials, 100_000);

    private readonly Option<int> _population = Count("--population", "Networks that are alive; the oldest dies for each new one.", Standard.Population, 100_000);

    private readonly Option<int> _tournament = Count("--tournament", "Networks drawn from them, of which the best has a child.", Standard.Tournament, 100_000);

    private readonly Option<int> _parallel = Count(
        "--parallel", "Children under way at once, for as many processes; each is decided without the results of the others.", Standard.Parallel, 1000);

    private readonly Option<RewardKind?> _reward = Choices.Of<RewardKind>(
        "--reward", "soft: accuracy · (cost/target)^w; absolute: accuracy + w · |cost/target − 1|, as TuNAS has it; soft if not given");

    private readonly Option<double> _exponent = SharedOptions.Ranged(
        new Option<double>("--exponent") { Description = "The reward's w.", DefaultValueFactory = _ => Standard.Exponent }, -100, -1e-6);

    private readonly Option<long?> _macs = Quantity.CountOption(
        "--target-macs", "Multiply-adds aimed at, such as 2M; the baseline's if not given.", "2M");

    private readonly Option<LatencyLimit?> _latency = LatencyLimit.Option(
        "--target-latency", "Time for one image aimed at, instead of multiply-adds: 2ms, measured on this machine with the engine and one thread, or "
        + "2ms@rv1126 as predicted for a device ('effnet device list').");

    private readonly Option<int> _finalEpochs = Count("--final-epochs", "Epochs of the final trainings as a multiple of --epochs.", Standard.FinalEpochs, 1000);

    public IEnumerable<Option> All => [_trials, _population, _tournament, _parallel, _reward, _exponent, _macs, _latency, _finalEpochs];

    /// <summary>What tells the time of networks; <see langword="null"/> where multiply-adds count.</summary>
    public ILatencyModel? LatencyIn(ParseResult parsed, CancellationToken cancellationToken) => parsed.GetValue(_latency) is not { } limit ? null
        : limit.Model() ?? (ILatencyModel)new MeasuredLatency(Host.Engine, new RunnerOptions { Threads = 1 }, cancellationToken: cancellationToken);

    public SearchSettings Get(ParseResult parsed)
    {
        long? macs = parsed.GetValue(_macs);
        var latency = parsed.GetValue(_latency);
        if (macs is not null && latency is not null)
            throw new InvalidInputException("One target is expected, --target-macs or --target-latency, found both; leave one out.");
        return new SearchSettings
        {
            Trials = parsed.GetValue(_trials),
            Population = parsed.GetValue(_population),
            Tournament = parsed.GetValue(_tournament),
            Parallel = parsed.GetValue(_parallel),
            Reward = parsed.GetValue(_reward) ?? Standard.Reward,
            Exponent = parsed.GetValue(_exponent),
            Cost = latency is null ? SearchCost.Macs : SearchCost.Latency,
            Target = latency?.Ms ?? macs,
            Latency = LatencyIn(parsed, CancellationToken.None)?.Name,
            FinalEpochs = parsed.GetValue(_finalEpochs),
        };
    }

    private static Option<int> Count(string name, string description, int standard, int max) =>
        SharedOptions.Ranged(new Option<int>(name) { Description = description, DefaultValueFactory = _ => standard }, 1, max);
}
