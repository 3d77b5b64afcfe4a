using System.Collections.Immutable;

namespace EfficientNetSharp.Costs.Devices;

/// <summary>A step and its time.</summary>
/// <param name="Operation">The step.</param>
/// <param name="Ms">Milliseconds.</param>
public sealed record DeviceStep(DeviceOperation Operation, double Ms);

/// <summary>What a network is predicted to take on a device, for one image.</summary>
/// <param name="Steps">Its steps, in order.</param>
/// <param name="FileBytes">
/// Bytes of its kernels and biases, which a file for the device consists of but for some kilobytes: for RV1126 the <c>.rknn</c> file.
/// </param>
public sealed record DevicePrediction(ImmutableArray<DeviceStep> Steps, long FileBytes)
{
    /// <summary>Milliseconds.</summary>
    public double Ms => Steps.Sum(step => step.Ms);

    /// <summary>Steps that only change a value's type.</summary>
    public int Converters => Steps.Count(step => step.Operation.Kind == DeviceOperationKind.Converter);
}
