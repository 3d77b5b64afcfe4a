using System.CommandLine;
using System.Text.Json.Nodes;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Cli.Support.Devices;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Cli.Support.Words;
using EfficientNetSharp.Costs.Devices;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet device predict</c>: the time of a network on a device, and the size of its file there.</summary>
internal static class DevicePredictCommand
{
    private const string StandardDevice = "rv1126";

    public static Command Create(Terminal terminal)
    {
        var what = new InputArgument<string>("NAME|MODEL")
        {
            Description = SharedOptions.ArchitectureDescription + ", or a model file.",
        }.WithNetworks();
        var device = DeviceOption.Option("--device", "The device; rv1126 if not given");
        var type = new Option<string?>("--type")
        {
            HelpName = "TYPE",
            Description = "The type that all values have, such as int8 or int16; a quantized model's own if not given, else the narrowest.",
        };
        var size = SharedOptions.Size();
        var steps = new Option<bool>("--steps") { Description = "Show each step." };
        var json = SharedOptions.Json();
        var command = new Command("predict", "Predict the time of a network on a device, and the size of its file there.")
        {
            what, device, type, size, steps, json,
        };
        command.SetAction(parsed => Run(
            terminal, GivenNetwork.Open(parsed.GetRequiredValue(what), parsed.GetValue(size)),
            DeviceProfiles.Get(parsed.GetValue(device) ?? StandardDevice), parsed.GetValue(type), parsed.GetValue(steps), parsed.GetValue(json)));
        return command;
    }

    private static int Run(Terminal terminal, GivenNetwork network, DeviceProfile profile, string? type, bool showSteps, bool json)
    {
        bool isOwn = type is null && network.Graph.Quantization is not null;
        string types = isOwn ? network.Graph.Quantization!.Describe() : DeviceOption.TypeOf(profile, type);
        var prediction = isOwn ? profile.Predict(network.Graph) : profile.Predict(network.Graph, types);
        if (json)
        {
            Json.Write(terminal, new JsonObject
            {
                ["network"] = network.Name, ["device"] = profile.Name, ["type"] = types,
                ["height"] = network.Graph.Input.Shape.Height, ["width"] = network.Graph.Input.Shape.Width,
                ["ms"] = prediction.Ms, ["fileBytes"] = prediction.FileBytes, ["converters"] = prediction.Converters,
                ["steps"] = new JsonArray([.. prediction.Steps.Select(step => new JsonObject
                {
                    ["name"] = step.Operation.Name, ["kind"] = CodeWords.Of(step.Operation.Kind), ["type"] = step.Operation.Type, ["ms"] = step.Ms,
                })]),
            });
            return EffnetCommand.Done;
        }

        var table = new TextTable().Left(showSteps ? "step" : "kind").Left(showSteps ? "kind" : "steps").Right("ms").Right("share");
        if (showSteps)
        {
            foreach (var step in prediction.Steps)
                table.Add(step.Operation.Name, $"{CodeWords.Of(step.Operation.Kind)}, {step.Operation.Type}", $"{step.Ms:F3}", $"{100 * step.Ms / prediction.Ms:F1} %");
        }
        else
        {
            foreach (var kind in prediction.Steps.GroupBy(step => step.Operation.Kind).OrderByDescending(kind => kind.Sum(step => step.Ms)))
            {
                double ms = kind.Sum(step => step.Ms);
                table.Add(CodeWords.Of(kind.Key), $"{kind.Count()}", $"{ms:F2}", $"{100 * ms / prediction.Ms:F1} %");
            }
        }

        terminal.Write(table);
        terminal.Output.WriteLine(FormattableString.Invariant(
            $"{network.Name} at {network.Graph.Input.Shape} in {types} on {profile.Name}: {prediction.Ms:F2} ms predicted, a file of {prediction.FileBytes / 1e6:F1} MB")
            + (prediction.Converters == 0 ? "" : $", {NumberText.Counted(prediction.Converters, "converter")} between types"));
        return EffnetCommand.Done;
    }
}
