using System.Text.Json.Nodes;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Cli.Support.Words;
using EfficientNetSharp.Costs;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Weights.Importing;

namespace EfficientNetSharp.Cli.Support;

/// <summary>Makes a model file of other people's weights and says what it became.</summary>
internal static class Importing
{
    /// <summary>The option that names the model file to write.</summary>
    public static OutputOption Target(string description) => new("--output", "-o")
    {
        Kind = OutputKind.File,
        Endings = _ => [".safetensors"],
        Description = description,
    };

    public static void Run(Terminal terminal, string path, Architecture? architecture, ImportOptions options, string target, bool json)
    {
        var imported = WeightImporter.Import(path, architecture, options);
        ModelFile.Save(imported.Model, target);
        if (json) WriteJson(terminal, imported, target);
        else WriteLines(terminal, imported, target);
    }

    private static void WriteLines(Terminal terminal, ImportedModel imported, string target)
    {
        var (model, card) = (imported.Model, imported.Model.Card);
        terminal.Output.WriteLine(
            $"{target}: {model.Name} from {imported.Source.Title}, {GraphCosts.Of(model.BuildGraph()).Parameters:N0} parameters, {Outputs(model)}");
        string semantics = model.Architecture is { } architecture
            ? $"run with {CodeWords.Of(architecture.Padding)} padding and epsilon {NumberText.Of(architecture.Normalization.Epsilon)}"
            : $"no registered network, kept as the graph that it is ({NumberText.Counted(model.Graph.Nodes.Length, "node")})";
        terminal.Output.WriteLine($"{semantics}; images: {PreprocessingText.Of(card.Preprocessing)}");
        foreach (string remark in imported.Remarks) terminal.Output.WriteLine(remark);
    }

    private static string Outputs(Model model) => model.Graph.Output.Role == NodeRole.Embedding
        ? $"embedding of {model.Graph.Output.Shape.Channels}"
        : model.Card.Classes.IsEmpty ? "pooled features" : NumberText.Counted(model.Card.Classes.Length, "class", "classes");

    private static void WriteJson(Terminal terminal, ImportedModel imported, string target) => Json.Write(terminal, new JsonObject
    {
        ["path"] = target,
        ["architecture"] = imported.Model.Architecture?.Name,
        ["source"] = imported.Source.Name,
        ["parameters"] = GraphCosts.Of(imported.Model.BuildGraph()).Parameters,
        ["classes"] = imported.Model.Card.Classes.Length,
        ["padding"] = imported.Model.Architecture?.Padding.ToString(),
        ["epsilon"] = imported.Model.Architecture?.Normalization.Epsilon,
        ["preprocessing"] = JsonNode.Parse(ModelJson.Serialize(imported.Model.Card))!["preprocessing"]!.DeepClone(),
        ["remarks"] = new JsonArray([.. imported.Remarks.Select(remark => JsonValue.Create(remark))]),
    });
}
