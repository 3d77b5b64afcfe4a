using System.CommandLine;
using System.Text.Json.Nodes;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Cli.Support.Words;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Costs;
using EfficientNetSharp.Graphs.Quantization;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Running;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet describe</c>: the layer table of an architecture or a model file.</summary>
internal static class DescribeCommand
{
    public static Command Create(Terminal terminal)
    {
        var what = new InputArgument<string>("NAME|MODEL")
        {
            Description = SharedOptions.ArchitectureDescription + ", or a model: a file (.safetensors, .onnx, .tflite or weights).",
        }.WithNetworks();
        var resolution = SharedOptions.Size();
        var classes = SharedOptions.Ranged(
            new Option<int?>("--classes") { Description = "Classes of the classifier; 1000, or the model's own, if not given." }, 0,
            SharedOptions.MaxClasses);
        var json = SharedOptions.Json();
        var command = new Command("describe", "Show layers, shapes, parameters and multiply-adds.") { what, resolution, classes, json };
        command.SetAction(parsed => Run(
            terminal, parsed.GetRequiredValue(what), parsed.GetValue(resolution), parsed.GetValue(classes), parsed.GetValue(json)));
        return command;
    }

    private static int Run(Terminal terminal, string what, InputSize? size, int? classes, bool json)
    {
        var model = File.Exists(what) && !ArchitectureFile.IsFile(what) ? Host.Opener.Read(what, new ModelReadOptions { Size = size }) : null;
        if (model is not null && classes is not null)
            throw new InvalidInputException("--classes goes with an architecture's name; a model file has its own classes.");
        var architecture = model is null ? Named(what) : model.Architecture;
        var graph = model?.Graph
            ?? architecture!.Build(new BuildOptions { Height = size?.Height, Width = size?.Width, Classes = classes ?? 1000 });
        var costs = GraphCosts.Of(graph);
        foreach (string note in model?.Notes ?? []) terminal.Note($"note: {note}");
        if (json) WriteJson(terminal, architecture, model, graph, costs);
        else WriteTable(terminal, architecture, model, graph, costs);
        return EffnetCommand.Done;
    }

    private static Architecture Named(string what)
    {
        bool isPath = what.Contains('/', StringComparison.Ordinal) || what.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase);
        return isPath && !ArchitectureFile.IsFile(what)
            ? throw new InvalidInputException($"There is no file '{what}'; name a model file or an architecture.")
            : ArchitectureFile.Get(what);
    }

    private static void WriteJson(Terminal terminal, Architecture? architecture, OpenedModel? model, Graph graph, GraphCosts costs)
    {
        var document = new JsonObject
        {
            ["name"] = architecture?.Name,
            ["family"] = architecture?.Family,
            ["parameters"] = costs.Parameters,
            ["macs"] = costs.Macs,
            ["resolution"] = architecture?.Resolution,
            ["input"] = ShapeOf(graph.Input.Shape),
            ["output"] = ShapeOf(graph.Output.Shape),
            ["padding"] = architecture?.Padding.ToString(),
            ["architecture"] = architecture is null ? null : JsonNode.Parse(ModelJson.Serialize(architecture)),
            ["quantization"] = graph.Quantization is { } plan ? JsonNode.Parse(QuantizationJson.Serialize(plan)) : null,
        };
        if (model?.Card is { } card) document["card"] = JsonNode.Parse(ModelJson.Serialize(card));
        document["layers"] = new JsonArray([.. costs.Nodes.Select(cost => new JsonObject
        {
            ["name"] = cost.Node.Name,
            ["operator"] = cost.Node.Operator.GetType().Name,
            ["shape"] = ShapeOf(cost.Node.Shape),
            ["parameters"] = cost.Parameters,
            ["macs"] = cost.Macs,
        })]);
        Json.Write(terminal, document);
    }

    private static JsonArray ShapeOf(TensorShape shape) => shape.IsVector ? [shape.Channels] : [shape.Channels, shape.Height, shape.Width];

    private static void WriteTable(Terminal terminal, Architecture? architecture, OpenedModel? model, Graph graph, GraphCosts costs)
    {
        var table = new TextTable().Left("layer").Left("operator")
            .Left("output [C,H,W]")
            .Right("parameters").Right("multiply-adds");
        foreach (var cost in costs.Nodes)
        {
            // Elementwise layers cost nothing by this count and would treble the table; --json has them all.
            if (cost.Parameters == 0 && cost.Macs == 0 && cost.Node.Operator is not Input) continue;
            table.Add(cost.Node.Name, Kind(cost.Node), cost.Node.Shape.ToString(), $"{cost.Parameters:N0}",
                $"{cost.Macs:N0}");
        }

        terminal.Write(table);
        string structure = architecture is null ? NumberText.Counted(graph.Nodes.Length, "node")
            : $"{NumberText.Counted(architecture.BlockCount, "block")}, {CodeWords.Of(architecture.Padding)} padding";
        terminal.Output.WriteLine(
            $"{architecture?.Name ?? "network"}: {costs.Parameters:N0} parameters, {costs.Macs / 1e9:F4} GMACs at {graph.Input.Shape}, {structure}");
        if (graph.Quantization is { } plan)
        {
            int integers = graph.Nodes.Count(node => node.Operator is not Input && plan.ComputesInIntegers(graph, node));
            terminal.Output.WriteLine($"quantized: values of {plan.Describe()}, {integers} of {graph.Nodes.Length - 1} nodes compute in integers by the rules of {CodeWords.Of(plan.Arithmetic)}");
        }

        if (model?.Card is not { } card) return;
        terminal.Output.WriteLine(
            $"classes ({card.Classes.Length}): {string.Join(", ", card.Classes.Take(10))}{(card.Classes.Length > 10 ? ", …" : "")}");
        foreach (var (key, value) in card.Provenance.Where(pair => !IsLong(pair.Key))) terminal.Output.WriteLine($"{key}: {value}");
    }

    // A recipe takes a page, hashes of images many; --json has them. Those of the models that this one was made from stand behind
    // prefixes.
    private static bool IsLong(string key) => new[] { ProvenanceKeys.Recipe, ProvenanceKeys.ImageHashes }
        .Any(name => key == name || key.EndsWith($"_{name}", StringComparison.Ordinal));

    private static string Kind(Node node) => node.Operator switch
    {
        Convolution { IsDepthwise: true } op => $"depthwise {op.Kernel}×{op.Kernel}/{op.Stride}",
        Convolution op => $"convolution {op.Kernel}×{op.Kernel}/{op.Stride}",
        var op => CodeWords.Of(op),
    };
}
