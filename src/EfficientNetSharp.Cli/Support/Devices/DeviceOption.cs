using System.CommandLine;
using EfficientNetSharp.Cli.Support.Paths;
using EfficientNetSharp.Costs.Devices;

namespace EfficientNetSharp.Cli.Support.Devices;

/// <summary>What names a device: an argument or an option of any verb.</summary>
internal static class DeviceOption
{
    private const string Description = "a name that 'effnet device list' shows, or a .json file that 'effnet device fit -o' wrote";

    public static InputArgument<string> Argument() => WithNames(new InputArgument<string>("DEVICE") { Description = $"A device: {Description}." });

    public static InputOption Option(string name, string what) => new(name, InputKind.File)
    {
        Description = $"{what}: {Description}.",
    };

    /// <summary>The type that a device is to compute in: the named one, or where it has but one, that.</summary>
    public static string TypeOf(DeviceProfile profile, string? given)
    {
        if (given is null) return profile.Types.MinBy(type => type.Value.Bytes).Key;
        profile.TypeOf(given);
        return given;
    }

    private static InputArgument<string> WithNames(InputArgument<string> argument)
    {
        argument.CompletionSources.Add([.. DeviceProfiles.All.Select(profile => profile.Name)]);
        return argument;
    }
}
