using System.Collections.Immutable;

namespace EfficientNetSharp.Costs.Devices.Fitting;

/// <summary>A measured time, from which prices are fitted.</summary>
/// <param name="Name">What was measured, for people.</param>
/// <param name="Operations">Its steps.</param>
/// <param name="Ms">Milliseconds for one image.</param>
public sealed record DeviceMeasurement(string Name, ImmutableArray<DeviceOperation> Operations, double Ms)
{
    /// <summary>Rows of one group are left out together, such as layers of one network.</summary>
    public string Group { get; init; } = Name;

    /// <summary>How much its squared relative error counts beside that of others; 0 for a row that is only predicted.</summary>
    public double Weight { get; init; } = 1;
}
