namespace EfficientNetSharp.Costs.Devices;

/// <summary>A type of numbers that a device computes in.</summary>
/// <param name="Bytes">Bytes of a value.</param>
/// <param name="Passes">How often a multiply-add counts beside one of the narrowest type.</param>
public sealed record DeviceType(int Bytes, double Passes);
