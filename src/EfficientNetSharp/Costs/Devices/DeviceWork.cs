using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Costs.Devices;

/// <summary>How much of each <see cref="DeviceTerm"/> a step takes.</summary>
public sealed class DeviceWork
{
    private const double Mega = 1e6, Giga = 1e9;

    private readonly double[] _amounts = new double[DeviceTerms.Count];

    private DeviceWork()
    {
    }

    /// <summary>How much of a term.</summary>
    public double this[DeviceTerm term]
    {
        get => _amounts[(int)term];
        private set => _amounts[(int)term] = value;
    }

    /// <summary>The work of a step on a device.</summary>
    /// <param name="operation">The step.</param>
    /// <param name="tilePixels">Pixels of a map that the convolution engine takes at a time.</param>
    /// <param name="type">The type that it computes in.</param>
    /// <remarks>
    /// Which engine does what: VeriSilicon's Vivante VIP has an engine for convolutions and sums, a tensor processor for what has strides
    /// and for functions, and a shader for the rest (synaptics-synap/doc describes the same family).
    /// </remarks>
    public static DeviceWork Of(DeviceOperation operation, int tilePixels, DeviceType type)
    {
        ArgumentNullException.ThrowIfNull(operation);
        ArgumentNullException.ThrowIfNull(type);
        var work = new DeviceWork
        {
            [DeviceTerm.WeightMegabytes] = operation.KernelValues * type.Bytes / Mega,
            [DeviceTerm.MapMegabytes] = (operation.Input.Count + operation.Output.Count) * type.Bytes / Mega,
        };
        switch (operation.Kind)
        {
            case DeviceOperationKind.Convolution or DeviceOperationKind.Depthwise:
                // On a single pixel nothing but reading the weights takes time.
                if (operation.Output.Positions > 1)
                {
                    var term = operation.IsPointwise ? DeviceTerm.PointwiseGmacs : DeviceTerm.ConvolutionGmacs;
                    work[term] = operation.Macs / Giga * type.Passes * Padding(operation.Output, tilePixels);
                }

                if (operation.Stride > 1) work[DeviceTerm.TensorLaunches] = 1;
                break;
            case DeviceOperationKind.Normalization:
                // A depthwise convolution with kernels of one value.
                work[DeviceTerm.ConvolutionGmacs] = operation.Output.Count / Giga * type.Passes * Padding(operation.Output, tilePixels);
                break;
            case DeviceOperationKind.Add:
                work[DeviceTerm.MapMegabytes] += operation.Input.Count * type.Bytes / Mega;
                break;
            case DeviceOperationKind.Function or DeviceOperationKind.Pool or DeviceOperationKind.Converter:
                work[DeviceTerm.TensorLaunches] = 1;
                work[DeviceTerm.TensorMegavalues] = operation.Output.Count * type.Bytes / Mega;
                break;
            case DeviceOperationKind.Copy:
                work[DeviceTerm.TensorLaunches] = 1;
                break;
            case DeviceOperationKind.Mean or DeviceOperationKind.Gate:
                work[DeviceTerm.ShaderLaunches] = 1;
                work[DeviceTerm.ShaderMegavalues] = operation.Input.Count * type.Bytes / Mega;
                break;
            default:
                throw new InvalidOperationException($"{operation.Kind} has no work.");
        }

        return work;
    }

    private static double Padding(TensorShape map, int tilePixels) =>
        Math.Ceiling((double)map.Positions / tilePixels) * tilePixels / map.Positions;
}
