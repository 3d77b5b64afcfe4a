using System.Globalization;

namespace EfficientNetSharp.Architectures.Scaling;

/// <summary>
/// Tells scaled networks of one baseline apart by what scaling changes. Rounding maps many multipliers to one network, and an
/// architecture's own equality compares its stages by reference.
/// </summary>
internal static class ScaledNetworkKey
{
    public static string Of(Architecture scaled) => string.Create(
        CultureInfo.InvariantCulture,
        $"{scaled.Resolution}|{scaled.Stem.Channels}|{string.Join(';', scaled.Stages.Select(stage => FormattableString.Invariant($"{stage.Channels},{stage.Repeats},{stage.ExpansionBase}")))}|{scaled.HeadChannels}|{scaled.HiddenFeatures}");
}
