using System.CommandLine;
using EfficientNetSharp.Costs.Devices;
using EfficientNetSharp.Files;

namespace EfficientNetSharp.Cli.Support.Devices;

/// <summary>
/// A time that a network may take, and where: <c>15ms</c> on this machine, <c>15ms@rv1126</c> as predicted for a device in its narrowest
/// type, <c>15ms@rv1126:int16</c> in another.
/// </summary>
/// <param name="Ms">Milliseconds.</param>
/// <param name="Device">The device's name or file; <see langword="null"/> for this machine.</param>
/// <param name="Type">The type; <see langword="null"/> for the narrowest.</param>
internal sealed record LatencyLimit(double Ms, string? Device, string? Type)
{
    private const char At = '@', TypeMark = ':';

    /// <summary>The measure of a device's latency; <see langword="null"/> for this machine.</summary>
    public DeviceLatency? Model()
    {
        if (Device is null) return null;
        var profile = DeviceProfiles.Get(Device);
        return new DeviceLatency(profile, DeviceOption.TypeOf(profile, Type));
    }

    public static Option<LatencyLimit?> Option(string name, string description) => new(name)
    {
        HelpName = "TIME[@DEVICE[:TYPE]]",
        Description = description,
        CustomParser = result =>
        {
            string given = result.Tokens.Count == 0 ? "" : result.Tokens[0].Value;
            if (TryParse(given, out var limit)) return limit;
            result.AddError(
                $"{name}: expected a time such as 15ms or 0.5s, above 0 and at most 1000000s, and perhaps where, as in 15ms@rv1126 or "
                + $"15ms@rv1126:int16, found {OneLine.Quote(given)}.");
            return null;
        },
    };

    /// <summary>Reads a limit as people type it.</summary>
    internal static bool TryParse(string given, out LatencyLimit? limit)
    {
        limit = null;
        int at = given.IndexOf(At);
        if (Quantity.Milliseconds(at < 0 ? given : given[..at]) is not { } ms) return false;
        if (at < 0)
        {
            limit = new LatencyLimit(ms, null, null);
            return true;
        }

        string device = given[(at + 1)..];
        // A drive's colon stands before a path; a type's is the last, and no separator follows.
        int mark = device.LastIndexOf(TypeMark);
        string? type = mark > 1 && !device.AsSpan(mark).ContainsAny('/', '\\') ? device[(mark + 1)..] : null;
        if (type is not null) device = device[..mark];
        if (device.Length == 0 || type?.Length == 0) return false;
        limit = new LatencyLimit(ms, device, type);
        return true;
    }
}
