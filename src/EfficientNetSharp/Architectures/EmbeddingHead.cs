namespace EfficientNetSharp.Architectures;

/// <summary>How the last map becomes a vector in a network that is to recognise rather than classify.</summary>
public enum EmbeddingKind
{
    /// <summary>Mean over the map, linear layer, normalisation.</summary>
    Pooled,

    /// <summary>
    /// Normalisation, dropout, then the whole map through a linear layer and a normalisation (iResNet). Fits one input size, and
    /// most of the network's parameters are here.
    /// </summary>
    Flattened,

    /// <summary>
    /// A depthwise convolution as large as the map, normalisation, linear layer without bias, normalisation: the global depthwise
    /// convolution (GDC) of MobileFaceNet. Fits one input size.
    /// </summary>
    GlobalDepthwise,
}

/// <summary>Replaces the classifier by an embedding: a vector whose direction says who or what is in the image.</summary>
/// <param name="Kind">How the map becomes a vector.</param>
/// <param name="Features">Length of the vector.</param>
/// <param name="Rank">
/// Share of the smaller side of the linear layer that a factor between two layers has, at least 2 features (EdgeFace, George et al. 2023:
/// 0.5 and 0.6): a layer without bias to so few features, then one to all. 0, the default, for one full layer.
/// </param>
/// <param name="HasBias">
/// Whether the linear layer has a bias; as its kind has it where <see langword="null"/>.
/// </param>
public sealed record EmbeddingHead(EmbeddingKind Kind, int Features = 512, double Rank = 0, bool? HasBias = null);
