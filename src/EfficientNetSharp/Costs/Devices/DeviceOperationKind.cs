namespace EfficientNetSharp.Costs.Devices;

/// <summary>What a device does in one step, which says on which of its engines.</summary>
public enum DeviceOperationKind
{
    /// <summary>A convolution or a linear layer, with the ReLU behind it.</summary>
    Convolution,

    /// <summary>A convolution that filters each channel by itself.</summary>
    Depthwise,

    /// <summary>A scale and a shift per channel that no convolution before it absorbs.</summary>
    Normalization,

    /// <summary>A sum of two maps.</summary>
    Add,

    /// <summary>A function of single elements that convolutions do not have built in: SiLU, sigmoid, parametric ReLU.</summary>
    Function,

    /// <summary>A maximum or average pooling.</summary>
    Pool,

    /// <summary>Maps that are moved: joined along channels, parted, shuffled, padded by themselves, or enlarged.</summary>
    Copy,

    /// <summary>A change of type between two steps.</summary>
    Converter,

    /// <summary>The mean of each channel.</summary>
    Mean,

    /// <summary>A map times a value per channel, as in squeeze-excite.</summary>
    Gate,
}
