using System.Collections.Immutable;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Costs.Devices;

/// <summary>The devices that are known by name. A file, such as <c>effnet device fit -o</c> writes, stands wherever a name does.</summary>
public static class DeviceProfiles
{
    private const string Ending = ".json";

    private static readonly Lazy<ImmutableArray<DeviceProfile>> Known = new(() => [Embedded("rv1126"), Embedded("cpu")]);

    /// <summary>All of them.</summary>
    public static ImmutableArray<DeviceProfile> All => Known.Value;

    /// <summary>Whether a text means a file rather than a name.</summary>
    public static bool IsFile(string given) => given?.EndsWith(Ending, StringComparison.OrdinalIgnoreCase) ?? false;

    /// <summary>The device of a name, or of a file.</summary>
    /// <param name="given">A name such as <c>rv1126</c>, or a <c>.json</c> file.</param>
    /// <exception cref="InvalidInputException">There is none, or the file is no profile; the message lists the names.</exception>
    public static DeviceProfile Get(string given)
    {
        ArgumentNullException.ThrowIfNull(given);
        if (IsFile(given)) return DeviceProfileJson.Parse(InputFile.ReadAllText(given, DeviceProfileJson.MaxBytes), given);
        return All.FirstOrDefault(profile => profile.Name.Equals(given, StringComparison.OrdinalIgnoreCase))
            ?? throw new InvalidInputException(
                $"There is no device {OneLine.Quote(given)}; the known ones are {string.Join(", ", All.Select(profile => profile.Name))}, and a {Ending} file that 'effnet device fit -o' wrote stands for one.");
    }

    private static DeviceProfile Embedded(string name)
    {
        using var stream = typeof(DeviceProfiles).Assembly.GetManifestResourceStream(name + Ending)!;
        using var reader = new StreamReader(stream);
        return DeviceProfileJson.Parse(reader.ReadToEnd(), name);
    }
}
