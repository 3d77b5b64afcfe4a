using System.Collections.Immutable;
using System.CommandLine;
using EfficientNetSharp.Cli.Support.Devices;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Cli.Support.Words;
using EfficientNetSharp.Costs.Devices;
using EfficientNetSharp.Quantization;
using EfficientNetSharp.Quantization.Measuring;
using EfficientNetSharp.Quantization.Search;

namespace EfficientNetSharp.Cli.Support.Quantizing;

/// <summary>The words of <c>effnet quantize</c> that have it find which layers are worth 16 bits.</summary>
internal sealed class SearchOptions
{
    private const double StandardDrop = 0.3;

    private readonly Option<string?> _target = new("--target")
    {
        Description = "Find which layers are worth 16 bits, for a target: "
            + $"{string.Join("; ", PlanTarget.All.Select(target => $"{target.Name}: {target.Description}"))}.",
    };

    private readonly Option<DropMeasure?> _metric = new("--metric")
    {
        HelpName = "MEASURE",
        Description = "With --target: what a drop is measured by: "
            + $"{string.Join("; ", DropMeasure.All.Select(measure => $"{measure.Name}: {measure.Description}"))}, as in tar@1e-3. If not given, "
            + "for classifiers top1 where images have labels, else agreement; for embeddings tar where a folder per identity makes enough pairs, else cosine.",
        CustomParser = result =>
        {
            try
            {
                return DropMeasure.Of(result.Tokens.Count == 0 ? "" : result.Tokens[0].Value);
            }
            catch (InvalidInputException e)
            {
                result.AddError($"--metric: {e.Message}");
                return null;
            }
        },
    };

    private readonly Option<double?> _drop = SharedOptions.Ranged(
        new Option<double?>("--max-drop")
        {
            Description = "With --target: the most that may be lost, in points of 100 by the measure of --metric; 0.3 if neither this nor --latency "
                + "is given.",
        }, 0, 100);

    private readonly Option<LatencyLimit?> _latency = LatencyLimit.Option(
        "--latency", "With --target, instead of --max-drop: the longest predicted time, such as 15ms, or 15ms@board.json for another device than --device.");

    private readonly InputOption _device = DeviceOption.Option("--device", "With --target: the device whose predicted times count; if not given, the target's own: cpu for onnx, else rv1126");

    public SearchOptions() => _target.Among([.. PlanTarget.All.Select(target => target.Name)]);

    /// <summary>A plot of what was tried.</summary>
    public OutputOption Plot { get; } = new("--plot")
    {
        Kind = OutputKind.File,
        Endings = _ => [".svg"],
        Description = "With --target: file for a plot of the tried plans, accuracy over predicted time.",
    };

    public IEnumerable<Option> Options => [_target, _metric, _drop, _latency, _device, Plot];

    /// <summary>The target; <see langword="null"/> where none was named.</summary>
    public PlanTarget? Target(ParseResult parsed) => parsed.GetValue(_target) is { } name ? PlanTarget.Of(name) : null;

    /// <summary>Who searches.</summary>
    /// <param name="parsed">The words.</param>
    /// <param name="target">The target.</param>
    /// <returns>
    /// Makes the planner, given whether the network classifies, and the labels of the images to judge by, where they have any.
    /// </returns>
    public Func<bool, ImmutableArray<int>, IQuantizationPlanner> Planner(ParseResult parsed, PlanTarget target)
    {
        var (drop, latency, device) = (parsed.GetValue(_drop), parsed.GetValue(_latency), parsed.GetValue(_device));
        if (drop is not null && latency is not null)
            throw new InvalidInputException("Either --max-drop or --latency is expected, found both; leave one out.");
        if (latency?.Type is not null)
            throw new InvalidInputException("--latency with --target has no type, since types are what is sought; write it as 15ms or 15ms@DEVICE.");
        if (device is not null && latency?.Device is not null)
            throw new InvalidInputException("The device is named by --device and by --latency; leave one out.");
        var profile = DeviceProfiles.Get(device ?? latency?.Device ?? target.Device);
        var metric = parsed.GetValue(_metric);
        return (isClassifier, labels) =>
        {
            metric?.EnsureMeasures(isClassifier);
            var measure = (metric ?? DropMeasure.For(isClassifier, labels.AsSpan())).On(labels.AsSpan());
            return new MixedPlanner(target, profile, latency is { } limit ? SearchLimit.Time(limit.Ms, measure) : SearchLimit.Drop(drop ?? StandardDrop, measure));
        };
    }

    /// <summary>Refuses words of the search where no target was named, and words that the search decides by itself.</summary>
    /// <param name="parsed">The words.</param>
    /// <param name="decided">Options that a target leaves no room for.</param>
    public void Check(ParseResult parsed, IEnumerable<Option> decided)
    {
        bool hasTarget = parsed.GetValue(_target) is not null;
        foreach (var option in hasTarget ? decided : Options.Skip(1))
        {
            if (parsed.GetResult(option) is not { Implicit: false }) continue;
            throw new InvalidInputException(hasTarget
                ? $"--target finds types and ranges by itself, and {option.Name} was given too; leave one of the two out."
                : $"{option.Name} goes with --target, which was not given; add one of {string.Join(", ", PlanTarget.All.Select(target => target.Name))}.");
        }
    }
}
