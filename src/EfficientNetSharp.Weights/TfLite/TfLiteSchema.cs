namespace EfficientNetSharp.Weights.TfLite;

/// <summary>
/// Numbers of TensorFlow Lite's schema (version 3): the types of elements, the operators and the functions fused into them.
/// </summary>
internal static class TfLiteSchema
{
    public const int Float32 = 0, Float16 = 1, Int32 = 2, UInt8 = 3, Int64 = 4, Int16 = 7, Int8 = 9;

    public const int Add = 0, AveragePool = 1, Concatenation = 2, Convolution = 3, DepthwiseConvolution = 4, Dequantize = 6, FullyConnected = 9,
        Logistic = 14, MaxPool = 17, Multiply = 18, Relu = 19, Relu6 = 21, Reshape = 22, Softmax = 25, Pad = 34, Mean = 40, Squeeze = 43, PRelu = 54,
        Quantize = 114, HardSwish = 117;

    public const int NoFunction = 0, FusedRelu = 1, FusedRelu6 = 3;

    // The schema's list up to what networks for images have, for messages.
    private static readonly Dictionary<int, string> Names = new()
    {
        [Add] = "ADD", [AveragePool] = "AVERAGE_POOL_2D", [Concatenation] = "CONCATENATION", [Convolution] = "CONV_2D",
        [DepthwiseConvolution] = "DEPTHWISE_CONV_2D", [5] = "DEPTH_TO_SPACE", [Dequantize] = "DEQUANTIZE", [7] = "EMBEDDING_LOOKUP",
        [FullyConnected] = "FULLY_CONNECTED", [11] = "L2_NORMALIZATION", [12] = "L2_POOL_2D", [13] = "LOCAL_RESPONSE_NORMALIZATION",
        [Logistic] = "LOGISTIC", [16] = "LSTM", [MaxPool] = "MAX_POOL_2D", [Multiply] = "MUL", [Relu] = "RELU", [20] = "RELU_N1_TO_1",
        [Relu6] = "RELU6", [Reshape] = "RESHAPE", [23] = "RESIZE_BILINEAR", [Softmax] = "SOFTMAX", [26] = "SPACE_TO_DEPTH", [28] = "TANH",
        [32] = "CUSTOM", [Pad] = "PAD", [36] = "GATHER", [37] = "BATCH_TO_SPACE_ND", [38] = "SPACE_TO_BATCH_ND", [39] = "TRANSPOSE",
        [Mean] = "MEAN", [41] = "SUB", [42] = "DIV", [Squeeze] = "SQUEEZE", [45] = "STRIDED_SLICE", [47] = "EXP", [49] = "SPLIT",
        [PRelu] = "PRELU", [56] = "ARG_MAX", [67] = "TRANSPOSE_CONV", [74] = "SUM", [83] = "PACK", [97] = "RESIZE_NEAREST_NEIGHBOR",
        [98] = "LEAKY_RELU", [Quantize] = "QUANTIZE", [HardSwish] = "HARD_SWISH", [126] = "BATCH_MATMUL", [150] = "GELU",
    };

    /// <summary>An operator's name in the schema.</summary>
    public static string NameOf(int code) => Names.TryGetValue(code, out string? name) ? name : $"operator {code}";
}
