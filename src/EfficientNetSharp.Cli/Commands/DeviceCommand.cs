using System.CommandLine;
using System.Text.Json.Nodes;
using EfficientNetSharp.Cli.Support;
using EfficientNetSharp.Cli.Support.Devices;
using EfficientNetSharp.Costs.Devices;

namespace EfficientNetSharp.Cli.Commands;

/// <summary><c>effnet device</c>: devices, what networks take there, and prices from measured times.</summary>
internal static class DeviceCommand
{
    public static Command Create(Terminal terminal) => new("device", "Predict what networks take on a device, or fit a device to measured times.")
    {
        CreateList(terminal), CreateShow(terminal), DevicePredictCommand.Create(terminal), DeviceMeasureCommand.Create(terminal),
        DeviceFitCommand.Create(terminal),
    };

    private static Command CreateList(Terminal terminal)
    {
        var json = SharedOptions.Json();
        var command = new Command("list", "The devices that are known by name.") { json };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(json))
            {
                Json.Write(terminal, new JsonArray([.. DeviceProfiles.All.Select(profile =>
                    JsonNode.Parse(DeviceProfileJson.Serialize(profile)))]));
                return EffnetCommand.Done;
            }

            var table = new TextTable().Left("name").Left("device").Left("computes in");
            foreach (var profile in DeviceProfiles.All) table.Add(profile.Name, profile.Description, string.Join(", ", profile.Types.Keys));
            terminal.Write(table);
            return EffnetCommand.Done;
        });
        return command;
    }

    private static Command CreateShow(Terminal terminal)
    {
        var device = DeviceOption.Argument();
        var json = SharedOptions.Json();
        var command = new Command("show", "The prices of a device, and how sure they are.") { device, json };
        command.SetAction(parsed =>
        {
            var profile = DeviceProfiles.Get(parsed.GetRequiredValue(device));
            if (parsed.GetValue(json)) terminal.Output.Write(DeviceProfileJson.Serialize(profile));
            else DeviceView.Write(terminal, profile);
            return EffnetCommand.Done;
        });
        return command;
    }
}
