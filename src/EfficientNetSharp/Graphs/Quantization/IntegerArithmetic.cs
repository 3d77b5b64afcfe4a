namespace EfficientNetSharp.Graphs.Quantization;

/// <summary>
/// Whose rules integers are computed by: how a sum is brought to the output's scale, how it is rounded, and how sums, means and
/// functions are made. <see cref="IntegerMath.Requantization"/> and its neighbours write the rules down.
/// </summary>
public enum IntegerArithmetic
{
    /// <summary>
    /// ONNX's QuantizeLinear and DequantizeLinear around each operator: factors in float32, rounded half to even, as ONNX Runtime's
    /// integer kernels do.
    /// </summary>
    Onnx,

    /// <summary>TensorFlow Lite's reference kernels: a 31-bit multiplier and a shift, each rounded (gemmlowp's double rounding).</summary>
    TfLite,

    /// <summary>
    /// Rockchip's RKNN 1.x: a multiplier and a shift rounded once for uint8; shifts alone for dynamic fixed point. The vendor's
    /// arithmetic is closed; the user guide (3.2) states the number formats, and the rounding, half up, is our reading.
    /// </summary>
    Rknn,
}
