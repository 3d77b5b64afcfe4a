using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Costs.Devices;

/// <summary>The predicted time on a device, as a measure for whatever weighs networks by their time.</summary>
/// <param name="profile">The device.</param>
/// <param name="type">The name of the type that the networks are to compute in.</param>
public sealed class DeviceLatency(DeviceProfile profile, string type) : ILatencyModel
{
    /// <inheritdoc />
    public string Name => $"predicted for {profile.Name}, {type}";

    /// <inheritdoc />
    public double EstimateMs(Graph graph) => profile.Predict(graph, type).Ms;
}
