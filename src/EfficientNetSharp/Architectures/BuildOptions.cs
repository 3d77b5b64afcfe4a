namespace EfficientNetSharp.Architectures;

/// <summary>What a graph needs beyond its architecture.</summary>
public sealed record BuildOptions
{
    /// <summary>Channels of the input; 3 for colour images.</summary>
    public int InputChannels { get; init; } = 3;

    /// <summary>Rows of the input in pixels; the architecture's resolution where <see langword="null"/>.</summary>
    public int? Height { get; init; }

    /// <summary>Columns of the input in pixels; the architecture's resolution where <see langword="null"/>.</summary>
    public int? Width { get; init; }

    /// <summary>
    /// Classes of the final linear layer; 0 leaves it out, so that the pooled features are the result. A network with an embedding
    /// has no such layer.
    /// </summary>
    public int Classes { get; init; } = 1000;

    /// <summary>Dropout rate before the classifier; the architecture's where <see langword="null"/>.</summary>
    public double? Dropout { get; init; }

    /// <summary>Stochastic depth rate of the last block; the architecture's where <see langword="null"/>.</summary>
    public double? StochasticDepth { get; init; }

}
