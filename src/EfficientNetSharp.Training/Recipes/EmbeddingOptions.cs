using EfficientNetSharp.Training.Embeddings;

namespace EfficientNetSharp.Training.Recipes;

/// <summary>How an embedding is trained, where a recipe's <see cref="TrainingRecipe.Task"/> is one.</summary>
public sealed record EmbeddingOptions
{
    /// <summary>The loss; default <see cref="EmbeddingLossKind.ArcFace"/>.</summary>
    public EmbeddingLossKind Loss { get; init; }

    /// <summary>
    /// What the similarities are multiplied by: s of margin losses, α of ProxyAnchor, 1/τ of the contrastive loss. <see langword="null"/> for
    /// the loss's own: 64, ProxyAnchor 32, contrastive 10. MultiSimilarity has <see cref="PositiveScale"/> and <see cref="NegativeScale"/>.
    /// </summary>
    public double? Scale { get; init; }

    /// <summary>
    /// The margin; <see langword="null"/> for the loss's own: ArcFace, CurricularFace and sub-centre ArcFace 0.5, CosFace and AdaFace 0.4,
    /// ProxyAnchor 0.1, MultiSimilarity 0.5 (its λ), triplet 0.2. The combined loss and MagFace have margins of their own.
    /// </summary>
    public double? Margin { get; init; }

    /// <summary>m₁, m₂ and m₃ of the combined loss; default (1, 0.3, 0.2), the ArcFace paper's CM1.</summary>
    public CombinedMargins Combined { get; init; } = new();

    /// <summary>How margins are differentiated; default <see cref="MarginGradient.Exact"/>.</summary>
    public MarginGradient Gradient { get; init; }

    /// <summary>
    /// Cosine above which another identity's centre is taken for a mislabelled double and does not count (insightface's
    /// <c>interclass_filtering_threshold</c>, 0.4 for noisy sets); default 0, off.
    /// </summary>
    public double InterclassFilter { get; init; }

    /// <summary>h of AdaFace, which spreads the lengths over −1…1; default 0.333.</summary>
    public double Concentration { get; init; } = 0.333;

    /// <summary>Share of a new batch in AdaFace's running mean and deviation of lengths; default 0.01.</summary>
    public double LengthMomentum { get; init; } = 0.01;

    /// <summary>MagFace's ranges; defaults are the paper's.</summary>
    public MagFaceOptions MagFace { get; init; } = new();

    /// <summary>Centres per identity of the sub-centre loss; default 3.</summary>
    public int Subcenters { get; init; } = 3;

    /// <summary>α of MultiSimilarity; default 2.</summary>
    public double PositiveScale { get; init; } = 2;

    /// <summary>β of MultiSimilarity; default 50.</summary>
    public double NegativeScale { get; init; } = 50;

    /// <summary>ε of MultiSimilarity: how far beyond the hardest of the other kind a pair still counts; default 0.1.</summary>
    public double MiningMargin { get; init; } = 0.1;

    /// <summary>Which triplets count; default <see cref="TripletMining.SemiHard"/>.</summary>
    public TripletMining Mining { get; init; }

    /// <summary>
    /// The proxies' learning rate as a multiple of the network's; <see langword="null"/> for 100 of ProxyAnchor (its paper) and 1 of the
    /// margin losses' centres.
    /// </summary>
    public double? CenterRate { get; init; }

    /// <summary>
    /// Embeddings of earlier batches that pairs are made with as well (cross-batch memory, Wang et al. 2020), for losses of pairs; default 0,
    /// none.
    /// </summary>
    public int Memory { get; init; }

    /// <summary>Epochs before the memory counts, as the embeddings of a young network drift; default 1.</summary>
    public double MemoryWarmUpEpochs { get; init; } = 1;

    /// <summary>
    /// Share of the identities that a step's softmax has: those of its images and others drawn anew (Partial-FC, An et al. 2022). Default 1,
    /// all.
    /// </summary>
    public double SampledIdentities { get; init; } = 1;

    /// <summary>
    /// Whether each of several processes keeps and trains the centres of a stretch of the identities alone, and computes their part of the
    /// softmax for the images of all; the loss is that of one process. For very many identities. Default false.
    /// </summary>
    public bool SplitIdentities { get; init; }

    /// <summary>
    /// Images of one class that stand together in a batch; 0 for a plain shuffle, <see langword="null"/> for the loss's own: 4 for losses of
    /// pairs and proxies, 0 for margin losses.
    /// </summary>
    public int? ImagesPerClass { get; init; }

    /// <summary>
    /// Whether an epoch shows every identity equally often, however many images it has; only for plain shuffles. Default false.
    /// </summary>
    public bool Balanced { get; init; }

    /// <summary>Epochs of a plain softmax, without normalisation, before the margin loss; default 0.</summary>
    public double SoftmaxEpochs { get; init; }

    /// <summary>Epochs of CosFace before the margin loss, behind those of softmax; default 0.</summary>
    public double CosFaceEpochs { get; init; }

    /// <summary>Epochs over which the margin grows from 0, behind the others; default 0.</summary>
    public double MarginWarmUpEpochs { get; init; }

    /// <summary>
    /// What a network that ends in a classifier is made to end in, as options behind a network's name (<c>head=gdc,stem=1</c>); default
    /// <c>head=gdc</c>.
    /// </summary>
    public string Network { get; init; } = "head=gdc";

    /// <summary>Side of the images in pixels where neither a size nor trained weights give it; default 112. 0 for the network's own.</summary>
    public int Resolution { get; init; } = 112;

    /// <summary>The same with another loss; what belongs to the former alone (scale, margin, schedules, groups, memory) is left out.</summary>
    /// <param name="loss">The loss.</param>
    public EmbeddingOptions WithLoss(EmbeddingLossKind loss)
    {
        if (loss == Loss) return this;
        var changed = this with { Loss = loss, Scale = null, Margin = null, CenterRate = null, ImagesPerClass = null };
        if (!changed.HasPairs) changed = changed with { Memory = 0 };
        return changed.HasMargin ? changed : changed with { SoftmaxEpochs = 0, CosFaceEpochs = 0, MarginWarmUpEpochs = 0, SampledIdentities = 1,
            SplitIdentities = false };
    }

    /// <summary>Whether the loss has a centre or proxy per identity.</summary>
    public bool HasCenters => Loss <= EmbeddingLossKind.ProxyAnchor;

    /// <summary>Whether the loss is a softmax over identities with a margin.</summary>
    public bool HasMargin => Loss < EmbeddingLossKind.ProxyAnchor;

    /// <summary>Whether the loss is made of pairs of images.</summary>
    public bool HasPairs => Loss > EmbeddingLossKind.ProxyAnchor;

    /// <summary><see cref="Scale"/>, the loss's own filled in.</summary>
    public double LossScale => Scale ?? Loss switch
    {
        EmbeddingLossKind.ProxyAnchor => 32,
        EmbeddingLossKind.SupervisedContrastive => 10,
        _ => 64,
    };

    /// <summary><see cref="Margin"/>, the loss's own filled in.</summary>
    public double LossMargin => Margin ?? Loss switch
    {
        EmbeddingLossKind.CosFace or EmbeddingLossKind.AdaFace => 0.4,
        EmbeddingLossKind.ProxyAnchor => 0.1,
        EmbeddingLossKind.Triplet => 0.2,
        _ => 0.5,
    };

    /// <summary><see cref="ImagesPerClass"/>, the loss's own filled in; 1 where images are shuffled one by one.</summary>
    public int GroupSize => Math.Max(1, ImagesPerClass ?? (HasMargin ? 0 : 4));

    /// <summary><see cref="CenterRate"/>, the loss's own filled in.</summary>
    public double CenterRateScale => CenterRate ?? (Loss == EmbeddingLossKind.ProxyAnchor ? 100 : 1);
}

/// <summary>The margins of the combined loss: cos(m₁θ + m₂) − m₃.</summary>
/// <param name="Multiplier">m₁, from 1; default 1.</param>
/// <param name="Angle">m₂, in radians; default 0.3.</param>
/// <param name="Cosine">m₃; default 0.2.</param>
public sealed record CombinedMargins(double Multiplier = 1, double Angle = 0.3, double Cosine = 0.2);

/// <summary>MagFace: an angular margin that grows linearly with the embedding's length (Meng et al. 2021, §4.1).</summary>
/// <param name="MinLength">l_a, below which a length counts as this; default 10.</param>
/// <param name="MaxLength">u_a, above which a length counts as this; default 110.</param>
/// <param name="MinMargin">l_m, the margin at the minimum length; default 0.45.</param>
/// <param name="MaxMargin">u_m, the margin at the maximum length; default 0.8.</param>
/// <param name="LengthWeight">λ_g, the weight of the term that wants long embeddings; default 35.</param>
public sealed record MagFaceOptions(
    double MinLength = 10, double MaxLength = 110, double MinMargin = 0.45, double MaxMargin = 0.8, double LengthWeight = 35);
