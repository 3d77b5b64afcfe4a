using System.CommandLine;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Cli.Support.Devices;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Costs;
using EfficientNetSharp.Costs.Devices;
using EfficientNetSharp.Models;
using EfficientNetSharp.Prediction.Measuring;
using EfficientNetSharp.Running;
using EfficientNetSharp.Studies;
using EfficientNetSharp.Studies.Strategies;

namespace EfficientNetSharp.Cli.Support.Studies;

/// <summary>The words of a study of strategies, beyond those of all studies.</summary>
internal sealed class StrategyWords
{
    private readonly Option<double> _factor = SharedOptions.Ranged(
        new Option<double>("--factor")
        {
            Description = "Multiply-adds of the scaled networks as a multiple of the baseline's; below 1 for smaller ones, tinynet's among them.",
            DefaultValueFactory = _ => StrategySettings.StandardFactor,
        }, StrategySettings.FactorRange);

    private readonly InputOption _device = DeviceOption.Option(
        "--latency-device", "Whose predicted time counts, in its narrowest type, instead of this machine's with the engine and one thread");

    public IEnumerable<Option> All => [_factor, _device];

    /// <summary>
    /// The networks that are compared: those of the study in the folder, if it is the same, so that times are measured once; else found now.
    /// </summary>
    public StrategySettings Get(ParseResult parsed, StudyFolder folder, Architecture baseline, int classes, Terminal terminal)
    {
        double factor = parsed.GetValue(_factor);
        var latency = LatencyIn(parsed, terminal.Interrupted);
        if (folder.HasStudy && folder.ReadSettings() is { Kind: StudyKind.Strategies } before && before.Strategies.Factor == factor
            && before.Strategies.Latency == latency.Name && before.Data.Classes == classes
            && ModelJson.Serialize(before.Baseline) == ModelJson.Serialize(baseline))
        {
            return before.Strategies;
        }

        var found = new StrategyPlanner(baseline, classes, latency).Plan(
            factor, new SynchronousProgress<string>(name => terminal.Progress($"timing networks of {name} …")), terminal.Interrupted);
        terminal.EndProgress();
        return found;
    }

    private ILatencyModel LatencyIn(ParseResult parsed, CancellationToken cancellationToken) => parsed.GetValue(_device) is { } device
        ? PredictedBy(DeviceProfiles.Get(device))
        : new MeasuredLatency(Host.Engine, new RunnerOptions { Threads = 1 }, cancellationToken: cancellationToken);

    /// <summary>What a device's profile predicts, in its narrowest type.</summary>
    public static DeviceLatency PredictedBy(DeviceProfile profile) => new(profile, DeviceOption.TypeOf(profile, null));
}
