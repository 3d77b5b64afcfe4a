using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Weights.TfLite;

/// <summary>Poolings: of whole maps, and under square windows; what SAME padding adds does not count.</summary>
internal static class TfLitePooling
{
    /// <summary>The options' field of the fused function.</summary>
    public const int FunctionField = 5;

    /// <summary>What a pooling is in a graph.</summary>
    /// <param name="op">AVERAGE_POOL_2D or MAX_POOL_2D.</param>
    /// <param name="options">Its options: padding, steps and window, across before down, function.</param>
    /// <param name="map">The shape of its input.</param>
    /// <param name="output">Its output, as the file states it.</param>
    /// <exception cref="InvalidInputException">It is not one that a graph has.</exception>
    public static Operator Of(TfLiteOperator op, FlatTable options, TensorShape map, TfLiteTensor output)
    {
        var padding = TfLiteChecks.PaddingOf(options.Byte(0));
        int across = options.Int(1), down = options.Int(2), width = options.Int(3), height = options.Int(4);
        bool isMean = op.Code == TfLiteSchema.AveragePool, isWhole = height == map.Height && width == map.Width;
        bool seesAll = isWhole || (padding == PaddingStyle.Same && height >= map.Height && width >= map.Width);
        if (isMean && seesAll && output.Shape is [1, 1, 1, _]) return new GlobalAveragePool();
        if (across != down || width != height) throw new InvalidInputException("its windows or steps are oblong, which is not read");
        return isMean ? new AveragePool(height, down, padding) : new MaxPool(height, down, padding);
    }
}
