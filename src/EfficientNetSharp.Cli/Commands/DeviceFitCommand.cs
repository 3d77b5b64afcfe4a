using System.CommandLine;
using System.Text.Json.Nodes;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Cli.Support.Devices;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Cli.Support.Words;
using EfficientNetSharp.Costs.Devices;
using EfficientNetSharp.Costs.Devices.Fitting;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet device fit</c>: prices from measured times.</summary>
internal static class DeviceFitCommand
{
    private const string StandardStructure = "rv1126";

    public static Command Create(Terminal terminal)
    {
        var measurements = new InputArgument<string>("MEASUREMENTS")
        {
            Description = "A CSV file with a row for each measured time: network (a name or a file), size (such as 224), type (such as int8), "
                + "ms, and perhaps weight and source. docs/device.md describes it.",
        };
        var like = DeviceOption.Option("--like", "The device whose types, tiles and terms the fitted one has; rv1126 if not given");
        var model = Choices.Of<DeviceModel>(
            "--model", "How a step's terms make its time: their sum, or as a roofline the longest; the one that predicts left-out networks better if not given.");
        var output = new OutputOption("--output", "-o")
        {
            Kind = OutputKind.File,
            Endings = _ => [".json"],
            Description = "File to write the profile to, which stands wherever a device's name does.",
        };
        var json = SharedOptions.Json();
        var command = new Command("fit", "Fit the prices of a device to measured times, and show what the times say and what not.")
        {
            measurements, like, model, output, json,
        };
        command.SetAction(parsed => Run(
            terminal, parsed.GetRequiredValue(measurements), parsed.GetValue(like) ?? StandardStructure, parsed.GetValue(model),
            output.PathIn(parsed), parsed.GetValue(json)));
        return command;
    }

    private static int Run(Terminal terminal, string path, string like, DeviceModel? model, string? target, bool json)
    {
        var structure = DeviceProfiles.Get(like);
        var rows = MeasurementFile.Read(path, structure, (network, size) => GivenNetwork.Open(network, size).Graph);
        var fits = (model is { } one ? [one] : Enum.GetValues<DeviceModel>()).Select(each => DeviceFit.Run(structure, each, rows)).ToList();
        var chosen = fits.MinBy(fit => fit.LeftOutError)!;
        var profile = chosen.Profile;
        if (target is not null)
        {
            profile = profile with { Name = Path.GetFileNameWithoutExtension(target) };
            AtomicFile.WriteText(target, DeviceProfileJson.Serialize(profile));
        }

        if (json)
        {
            Json.Write(terminal, new JsonObject
            {
                ["profile"] = JsonNode.Parse(DeviceProfileJson.Serialize(profile)),
                ["fits"] = new JsonArray([.. fits.Select(fit => (JsonNode)FitJson(fit))]),
            });
            return EffnetCommand.Done;
        }

        foreach (var fit in fits)
        {
            DeviceView.Write(terminal, fit);
            terminal.Output.WriteLine();
        }

        if (fits.Count > 1)
            terminal.Output.WriteLine($"'{DeviceProfileJson.WordOf(chosen.Profile.Model)}' predicts left-out networks better and is taken.");
        if (target is not null) terminal.Note($"{target}: stands wherever a device's name does, as in --device {target}");
        return EffnetCommand.Done;
    }

    private static JsonObject FitJson(DeviceFit fit) => new()
    {
        ["model"] = DeviceProfileJson.WordOf(fit.Profile.Model),
        ["leftOutError"] = double.IsFinite(fit.LeftOutError) ? fit.LeftOutError : null,
        ["rank"] = fit.Identification.Rank,
        ["condition"] = double.IsFinite(fit.Identification.Condition) ? fit.Identification.Condition : null,
        ["absent"] = Names(fit.Identification.Absent),
        ["zero"] = Names(fit.Identification.Zero),
        ["uncertain"] = Names(fit.Identification.Uncertain),
        ["weakDirections"] = new JsonArray([.. fit.Identification.Directions.Select(direction => new JsonObject
        {
            ["strength"] = direction.Strength,
            ["shares"] = new JsonObject(direction.Shares.Select(share =>
                KeyValuePair.Create(DeviceTerms.NameOf(share.Term), (JsonNode?)share.Share))),
        })]),
        ["prices"] = new JsonObject(fit.Profile.Prices.Select(pair =>
            KeyValuePair.Create(DeviceTerms.NameOf(pair.Key), (JsonNode?)pair.Value.Ms))),
        ["rows"] = new JsonArray([.. fit.Rows.Select(row => new JsonObject
        {
            ["name"] = row.Measurement.Name, ["weight"] = row.Measurement.Weight, ["ms"] = row.Measurement.Ms, ["predictedMs"] = row.Ms,
            ["leftOutMs"] = row.LeftOutMs,
        })]),
    };

    private static JsonArray Names(IEnumerable<DeviceTerm> terms) => [.. terms.Select(term => (JsonNode)DeviceTerms.NameOf(term))];
}
