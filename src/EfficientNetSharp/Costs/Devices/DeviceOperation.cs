using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Costs.Devices;

/// <summary>One step of a network on a device, for one image.</summary>
/// <param name="Name">The node's or the layer's name.</param>
/// <param name="Kind">What it does.</param>
/// <param name="Type">The name of the type that it computes in, as the device's profile has it.</param>
/// <param name="Input">Shape of the value that it takes; of both, where it takes two of one shape.</param>
/// <param name="Output">Shape of its result.</param>
public sealed record DeviceOperation(string Name, DeviceOperationKind Kind, string Type, TensorShape Input, TensorShape Output)
{
    /// <summary>Multiply-adds.</summary>
    public long Macs { get; init; }

    /// <summary>Values of its kernel.</summary>
    public long KernelValues { get; init; }

    /// <summary>Values of its bias, which devices hold in 32 bits beside 8-bit kernels and in 64 beside those of 16.</summary>
    public long BiasValues { get; init; }

    /// <summary>Whether its kernel covers a single pixel.</summary>
    public bool IsPointwise { get; init; }

    /// <summary>The step of its window.</summary>
    public int Stride { get; init; } = 1;
}
