namespace EfficientNetSharp.Costs.Devices;

/// <summary>What a device's time is made of. Each has a price in the profile, in milliseconds per unit.</summary>
public enum DeviceTerm
{
    /// <summary>Weights that are read from memory, in MB (1e6 bytes).</summary>
    WeightMegabytes,

    /// <summary>Maps that are read and written, in MB.</summary>
    MapMegabytes,

    /// <summary>
    /// Multiply-adds of convolutions larger than 1×1, in billions, as many as are carried out: a map fills whole tiles, and wider types
    /// take several passes.
    /// </summary>
    ConvolutionGmacs,

    /// <summary>As <see cref="ConvolutionGmacs"/>, of 1×1 convolutions.</summary>
    PointwiseGmacs,

    /// <summary>Steps that the tensor processor takes part in: strides, functions, pooling, converters.</summary>
    TensorLaunches,

    /// <summary>Values of functions and converters, in millions, counted once for each byte.</summary>
    TensorMegavalues,

    /// <summary>Steps of the shader unit: gates and means.</summary>
    ShaderLaunches,

    /// <summary>Values that the shader unit takes, in millions, counted once for each byte.</summary>
    ShaderMegavalues,
}

/// <summary>The terms' names in files and tables.</summary>
public static class DeviceTerms
{
    private static readonly (DeviceTerm Term, string Name, string Unit)[] Rows =
    [
        (DeviceTerm.WeightMegabytes, "weight_mb", "ms per MB of weights"),
        (DeviceTerm.MapMegabytes, "map_mb", "ms per MB of maps"),
        (DeviceTerm.ConvolutionGmacs, "convolution_gmacs", "ms per 1e9 multiply-adds, kernels above 1×1"),
        (DeviceTerm.PointwiseGmacs, "pointwise_gmacs", "ms per 1e9 multiply-adds, kernels of 1×1"),
        (DeviceTerm.TensorLaunches, "tensor_launches", "ms per step of the tensor processor"),
        (DeviceTerm.TensorMegavalues, "tensor_megavalues", "ms per 1e6 values of functions and converters"),
        (DeviceTerm.ShaderLaunches, "shader_launches", "ms per step of the shader"),
        (DeviceTerm.ShaderMegavalues, "shader_megavalues", "ms per 1e6 values of gates and means"),
    ];

    /// <summary>How many there are.</summary>
    public static int Count => Rows.Length;

    /// <summary>The name in files, such as <c>weight_mb</c>.</summary>
    public static string NameOf(DeviceTerm term) => Rows[(int)term].Name;

    /// <summary>The unit of its price, for people.</summary>
    public static string UnitOf(DeviceTerm term) => Rows[(int)term].Unit;
}
