using System.CommandLine;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Architectures.Scaling;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Cli.Support.Devices;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Cli.Support.Words;
using EfficientNetSharp.Costs;
using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Prediction.Measuring;
using EfficientNetSharp.Running;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet scale</c>: a larger or smaller network from a baseline, by φ, by multipliers or by budget.</summary>
internal static class ScaleCommand
{
    public static Command Create(Terminal terminal)
    {
        var w = new Options();
        var command = new Command("scale", "Make a larger or smaller network from a baseline: by φ, by multipliers, or by a budget.")
        {
            w.Baseline,
        };
        foreach (var option in w.All) command.Add(option);
        command.SetAction(parsed => Run(terminal, parsed, w));
        return command;
    }

    private static int Run(Terminal terminal, ParseResult parsed, Options w)
    {
        var baseline = ArchitectureFile.Get(parsed.GetRequiredValue(w.Baseline));
        var options = new BuildOptions { Classes = parsed.GetValue(w.Classes) };
        var budget = new ScalingBudget
        {
            Macs = parsed.GetValue(w.Macs),
            Parameters = parsed.GetValue(w.Parameters),
            LatencyMs = parsed.GetValue(w.Latency)?.Ms,
        };
        bool byHand = parsed.GetValue(w.Depth) is not null || parsed.GetValue(w.Width) is not null
            || parsed.GetValue(w.Resolution) is not null;
        bool bases = parsed.GetValue(w.Alpha) is not null || parsed.GetValue(w.Beta) is not null || parsed.GetValue(w.Gamma) is not null;
        double? phi = parsed.GetValue(w.Phi);
        CheckOneWay(phi is not null, byHand, !budget.IsEmpty, bases);
        var strategy = parsed.GetValue(w.Strategy) is { } named ? ScalingStrategy.Get(named) : null;
        CheckStrategy(strategy, byHand, bases, !budget.IsEmpty);

        var scaling = strategy?.Bases ?? new CompoundScaling(
            parsed.GetValue(w.Alpha) ?? CompoundScaling.EfficientNet.Alpha, parsed.GetValue(w.Beta) ?? CompoundScaling.EfficientNet.Beta,
            parsed.GetValue(w.Gamma) ?? CompoundScaling.EfficientNet.Gamma);
        if (!byHand && strategy is null && !scaling.KeepsConstraint)
            terminal.Note(FormattableString.Invariant(
                $"note: α·β²·γ² is {scaling.Budget:F3}, the paper asks for about 2; each step of φ multiplies multiply-adds by about {scaling.Budget:F2}."));

        var view = (byHand ? ByHand() : phi is { } given ? ByPhi(given) : ByBudget()) with { Strategy = strategy };
        if (w.Output.PathIn(parsed) is { } path)
        {
            AtomicFile.WriteText(path, ModelJson.Serialize(view.Scaled) + "\n");
            terminal.Note($"{path}: {view.Scaled.Name}; 'effnet describe' and 'effnet train -a' take this file as they take a name");
        }

        if (parsed.GetValue(w.Json)) Json.Write(terminal, view.ToJson());
        else view.Write(terminal);
        return EffnetCommand.Done;

        ScalingView ByHand()
        {
            int? side = parsed.GetValue(w.Resolution);
            var by = new ScalingCoefficients(
                parsed.GetValue(w.Depth) ?? 1, parsed.GetValue(w.Width) ?? 1, (double)(side ?? baseline.Resolution) / baseline.Resolution);
            return new ScalingView(baseline, by.Apply(baseline, side), by, options);
        }

        ScalingView ByPhi(double coefficient)
        {
            var by = strategy?.Coefficients(coefficient) ?? scaling.Coefficients(coefficient);
            return new ScalingView(baseline, by.Apply(baseline), by, options)
            {
                Scaling = strategy is { Bases: null } ? null : scaling,
                Phi = coefficient,
            };
        }

        ScalingView ByBudget()
        {
            var latency = parsed.GetValue(w.Latency) is not { } limit ? null : limit.Model() ?? (ILatencyModel)Measured(terminal, w.Runner.Get(parsed));
            var result = new ScalingSearch(baseline, budget, options, latency).Run(scaling, terminal.Interrupted);
            terminal.EndProgress();
            if (!result.Chosen.Fits) throw TooSmall(baseline, budget, result);
            var chosen = result.Chosen;
            return new ScalingView(baseline, chosen.Architecture, chosen.Coefficients, options)
            {
                Scaling = scaling,
                Phi = chosen.Phi,
                Budget = budget,
                Result = result,
                LatencyName = latency?.Name,
            };
        }
    }

    private static MeasuredLatency Measured(Terminal terminal, RunnerOptions options) => new(
        Host.Engine, options,
        new SynchronousProgress<Graph>(
        graph => terminal.Progress($"measuring at {graph.Input.Shape.Width} pixels, {GraphCosts.Of(graph).Macs / 1e9:F2} GMACs …")),
        terminal.Interrupted);

    private static void CheckOneWay(bool phi, bool byHand, bool budget, bool bases)
    {
        int ways = (phi ? 1 : 0) + (byHand ? 1 : 0) + (budget ? 1 : 0);
        const string choice = "--phi 1.5, or --depth/--width/--resolution, or a budget such as --macs 1.2G --params 10M --latency 15ms";
        if (ways == 0) throw new InvalidInputException($"How to scale is expected: {choice}; found none of them.");
        if (ways > 1) throw new InvalidInputException($"One way to scale is expected: {choice}; found several, leave all but one out.");
        if (byHand && bases) throw new InvalidInputException("--alpha, --beta and --gamma go with --phi or a budget, found --depth, --width or --resolution; leave one of the two out.");
    }

    private static void CheckStrategy(ScalingStrategy? strategy, bool byHand, bool bases, bool budget)
    {
        if (strategy is null) return;
        if (byHand || bases)
            throw new InvalidInputException($"--strategy {strategy.Name} says all multipliers, found {(byHand ? "--depth, --width or --resolution" : "--alpha, --beta or --gamma")}; leave one of the two out.");
        if (budget && strategy.Bases is null)
            throw new InvalidInputException(FormattableString.Invariant(
                $"--strategy {strategy.Name} is a table of φ from {strategy.MinPhi:0.##} to {strategy.MaxPhi:0.##}, which no budget is searched along; give --phi, or another strategy."));
    }

    private static InvalidInputException TooSmall(Architecture baseline, ScalingBudget budget, ScalingSearchResult result)
    {
        var min = result.Chosen;
        var over = min.SharesOf(budget).Where(share => share.Share > 1).Select(share => share.Name switch
        {
            "multiply-adds" => $"{ScalingView.Short(min.Macs)} multiply-adds",
            "parameters" => $"{ScalingView.Short(min.Parameters)} parameters",
            _ => FormattableString.Invariant($"{min.LatencyMs:0.##} ms"),
        });
        string hint = result.Alternatives.FirstOrDefault(other => other.Fits) is { } other
            ? $"'{other.Ray.Name}' has one that fits, {other.Architecture.Name}"
            : "raise the budget or take a smaller baseline";
        return new InvalidInputException(FormattableString.Invariant(
            $"Even the smallest scaling of {baseline.Name} (φ = {min.Phi:0.###}, {min.Architecture.Resolution} pixels) needs {string.Join(" and ", over)}, more than the budget; {hint}."));
    }

    /// <summary>The words that the verb takes.</summary>
    private sealed class Options
    {
        public InputArgument<string> Baseline { get; } =
            new InputArgument<string>("BASELINE")
            {
                Description = SharedOptions.ArchitectureDescription + ": the network to scale.",
            }.WithNetworks();

        public Option<double?> Phi { get; } =
            Real("--phi", "Compound coefficient: depth α^φ, width β^φ, resolution γ^φ; below 0 for smaller networks.", -100, 100);

        public Option<string?> Strategy { get; } = new("--strategy")
        {
            Description = $"Published rule for the multipliers of φ: {string.Join(", ", ScalingStrategy.All.Select(strategy => strategy.Name))}. "
                + "compound if not given.",
            HelpName = "NAME",
        };

        public Option<double?> Alpha { get; } = Real("--alpha", "Base of depth; 1.2 as in the paper if not given.", 1, 4);

        public Option<double?> Beta { get; } = Real("--beta", "Base of width; 1.1 if not given.", 1, 4);

        public Option<double?> Gamma { get; } = Real("--gamma", "Base of resolution; 1.15 if not given.", 1, 4);

        public Option<double?> Depth { get; } = Real("--depth", "Multiplier of blocks.", 0.01, 100);

        public Option<double?> Width { get; } = Real("--width", "Multiplier of channels.", 0.01, 100);

        public Option<int?> Resolution { get; } = SharedOptions.Resolution();

        public Option<long?> Macs { get; } = Quantity.CountOption("--macs", "Budget: most multiply-adds, such as 1.2G or 300M.", "1.2G");

        public Option<long?> Parameters { get; } = Quantity.CountOption("--params", "Budget: most parameters, such as 10M.", "10M");

        public Option<LatencyLimit?> Latency { get; } = LatencyLimit.Option(
            "--latency", "Budget: longest time for one image, such as 15ms, measured on this machine with the engine, or 15ms@rv1126 as "
            + "predicted for a device ('effnet device list', or a file of 'effnet device fit') in its narrowest type, or 15ms@rv1126:int16.");

        public RunnerChoice Runner { get; } = new(SharedOptions.Ranged(
            new Option<int>("--threads") { Description = "Threads that --latency measures with; 0 for all cores.",
            DefaultValueFactory = _ => 1 }, 0, RunnerOptions.MaxThreads));

        public Option<int> Classes { get; } = SharedOptions.Ranged(
            new Option<int>("--classes") { Description = "Classes of the classifier that is counted.", DefaultValueFactory = _ => 1000 }, 0,
            SharedOptions.MaxClasses);

        public OutputOption Output { get; } = new("--output", "-o")
        {
            Kind = OutputKind.File,
            Endings = _ => [".json"],
            Description = "File to write the scaled architecture to, .json.",
        };

        public Option<bool> Json { get; } = SharedOptions.Json();

        public IEnumerable<Option> All =>
            [Phi, Strategy, Alpha, Beta, Gamma, Depth, Width, Resolution, Macs, Parameters, Latency, .. Runner.Options, Classes, Output, Json];

        private static Option<double?> Real(string name, string description, double minimum, double maximum) =>
            SharedOptions.Ranged(new Option<double?>(name) { Description = description }, minimum, maximum);
    }
}
