using System.CommandLine;
using System.Globalization;
using System.Text;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Cli.Support.Words;
using EfficientNetSharp.Files;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Inference;
using EfficientNetSharp.Quantization.Measuring;
using EfficientNetSharp.Running;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet device measure</c>: the engine's times on this machine, from which <c>device fit</c> makes its profile.</summary>
internal static class DeviceMeasureCommand
{
    // Networks of each kind that the engine has kernels for: depthwise and dense, with SiLU, ReLU, ReLU6 and hard swish, with gates and without.
    private static readonly string[] Standard =
    [
        "efficientnet_b0", "efficientnet_b2", "tf_efficientnetv2_b0", "efficientnet_lite0", "mobilenet_v2", "mobilenetv3_large_100", "mobilenetv1_100",
        "resnet18", "resnet50",
    ];

    public static Command Create(Terminal terminal)
    {
        var networks = new InputArgument<string[]>("NAME|MODEL")
        {
            Arity = ArgumentArity.ZeroOrMore,
            Description = $"{SharedOptions.ArchitectureDescription}, or model files; if not given, {string.Join(", ", Standard)}.",
        }.WithNetworks();
        var size = SharedOptions.Size();
        var threads = SharedOptions.Ranged(new Option<int>("--threads")
        {
            Description = "Threads to compute with; 0 for all cores.", DefaultValueFactory = _ => 1,
        }, 0, RunnerOptions.MaxThreads);
        var output = new OutputOption("--output", "-o")
        {
            Kind = OutputKind.File,
            Endings = _ => [".csv"],
            Description = "File for the times, as 'effnet device fit' reads them; standard output if not given.",
        };
        var command = new Command("measure", $"Measure what networks take in the engine on this machine, in {string.Join(", ", EngineTimes.Types)}.")
        {
            networks, size, threads, output,
        };
        command.SetAction(parsed => Run(
            terminal, parsed.GetValue(networks) is { Length: > 0 } given ? given : Standard, parsed.GetValue(size),
            new PlanOptions { Threads = parsed.GetValue(threads) }, output.PathIn(parsed)));
        return command;
    }

    private static int Run(Terminal terminal, string[] networks, InputSize? size, PlanOptions options, string? target)
    {
        var text = new StringBuilder("network,size,type,ms\n");
        for (int i = 0; i < networks.Length; i++)
        {
            var graph = GivenNetwork.Open(networks[i], size).Graph;
            foreach (string type in EngineTimes.Types)
            {
                terminal.Progress($"{ProgressBar.Of(i, networks.Length)} {OneLine.Clean(networks[i])} in {type}");
                double ms = EngineTimes.Measure(graph, type, options, terminal.Interrupted);
                text.Append(CultureInfo.InvariantCulture,
                    $"\"{networks[i].Replace("\"", "\"\"", StringComparison.Ordinal)}\",{graph.Input.Shape.Height}x{graph.Input.Shape.Width},{type},{ms:0.####}\n");
            }
        }

        terminal.EndProgress();
        if (target is null)
        {
            terminal.Output.Write(text);
            return EffnetCommand.Done;
        }

        AtomicFile.WriteText(target, text.ToString());
        terminal.Note($"{target}: make a profile of it with 'effnet device fit {target} --like cpu -o mine.json'");
        return EffnetCommand.Done;
    }
}
