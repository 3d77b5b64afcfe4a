namespace EfficientNetSharp.Training.Embeddings;

/// <summary>By what an embedding learns. <c>docs/recognition.md</c> has the formulas.</summary>
public enum EmbeddingLossKind
{
    /// <summary>Additive angular margin (Deng et al. 2019): cos(θ + m).</summary>
    ArcFace,

    /// <summary>Additive cosine margin (Wang et al. 2018): cos θ − m.</summary>
    CosFace,

    /// <summary>All three margins (Deng et al. 2019, §3.4): cos(m₁θ + m₂) − m₃.</summary>
    Combined,

    /// <summary>Margins that follow from the embedding's length, which tells good images from poor ones (Kim et al. 2022).</summary>
    AdaFace,

    /// <summary>An angular margin that grows with the embedding's length, which is kept in a range (Meng et al. 2021).</summary>
    MagFace,

    /// <summary>ArcFace in which hard identities count more as training goes on (Huang et al. 2020).</summary>
    CurricularFace,

    /// <summary>ArcFace with several centres per identity, the nearest of which counts, for noisy labels (Deng et al. 2020).</summary>
    SubcenterArcFace,

    /// <summary>Proxies of classes as anchors for the images of a batch (Kim et al. 2020).</summary>
    ProxyAnchor,

    /// <summary>Pairs of a batch weighed by their similarity and that of their neighbours (Wang et al. 2019).</summary>
    MultiSimilarity,

    /// <summary>A softmax over the other images of a batch (Khosla et al. 2020, L_out).</summary>
    SupervisedContrastive,

    /// <summary>An image nearer to its like than to others, by a margin (Schroff et al. 2015).</summary>
    Triplet,
}

/// <summary>How a margin is differentiated.</summary>
public enum MarginGradient
{
    /// <summary>As the formula has it: an angular margin's derivative by the cosine is sin(θ + m) / sin θ.</summary>
    Exact,

    /// <summary>
    /// As if the margin were a constant: the derivative by the cosine is 1, as in insightface's arcface_torch, which adds the margin outside
    /// of automatic differentiation. Published runs of it are repeated with this.
    /// </summary>
    StraightThrough,
}

/// <summary>Which triplets of a batch count.</summary>
public enum TripletMining
{
    /// <summary>For each pair of one class the nearest image of another that is farther than the pair, else the farthest (FaceNet).</summary>
    SemiHard,

    /// <summary>For each image the farthest of its class and the nearest of another (Hermans et al. 2017, batch hard).</summary>
    Hardest,

    /// <summary>All; the mean is over those that violate the margin.</summary>
    All,
}
