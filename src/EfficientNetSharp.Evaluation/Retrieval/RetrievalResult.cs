using System.Collections.Immutable;

namespace EfficientNetSharp.Evaluation.Retrieval;

/// <summary>How <see cref="RetrievalEvaluator"/> measures.</summary>
public sealed record RetrievalOptions
{
    /// <summary>The k of recall@k, each at least 1; default 1, 5 and 10.</summary>
    public ImmutableArray<int> RecallAt { get; init; } = [1, 5, 10];

    /// <summary>Threads, at least 1; <see langword="null"/> for one per processor. Results do not depend on it.</summary>
    public int? Threads { get; init; }

    /// <summary>Samples that intervals are taken from, at least 1; default 1000.</summary>
    public int BootstrapSamples { get; init; } = 1000;

    /// <summary>What intervals depend on; default 0.</summary>
    public ulong Seed { get; init; }

    /// <summary>How many of the queries that found their class last are told one by one; default 24.</summary>
    public int WorstQueries { get; init; } = 24;
}

/// <summary>Recall@k.</summary>
/// <param name="K">How many of the nearest are looked at.</param>
/// <param name="Recall">The share of queries with an image of their class among them.</param>
public readonly record struct RecallAt(int K, Estimate Recall);

/// <summary>A query whose nearest image is of another class.</summary>
/// <param name="Query">Its row among the queries.</param>
/// <param name="Nearest">The row of the image that is nearest to it.</param>
/// <param name="Cosine">The cosine with that.</param>
/// <param name="Right">The row of the nearest image of its class.</param>
/// <param name="RightCosine">The cosine with that.</param>
/// <param name="Rank">The place of that among all images searched, from 2.</param>
public readonly record struct MissedQuery(int Query, int Nearest, double Cosine, int Right, double RightCosine, int Rank);

/// <summary>How well the queries of a class are found.</summary>
/// <param name="Label">The class.</param>
/// <param name="Queries">Its queries that count.</param>
/// <param name="Found">Those of which the nearest image is of the class.</param>
/// <param name="Precision">Mean of their R-precision.</param>
public readonly record struct ClassRetrieval(int Label, int Queries, int Found, double Precision);

/// <summary>How well the nearest images are those of the same class. Shares are fractions of the queries that have any such.</summary>
public sealed record RetrievalResult
{
    /// <summary>Queries with at least one image of their class to be found.</summary>
    public required int Queries { get; init; }

    /// <summary>Queries left out, because no other image is of their class.</summary>
    public required int WithoutRelevant { get; init; }

    /// <summary>Images that are searched.</summary>
    public required int Gallery { get; init; }

    /// <summary>Classes of the queries that count.</summary>
    public required int Classes { get; init; }

    /// <summary>Recall@k in the order asked for.</summary>
    public required ImmutableArray<RecallAt> Recall { get; init; }

    /// <summary>mAP over the whole ranking: the mean of precision at each image of the class.</summary>
    public required Estimate MeanAveragePrecision { get; init; }

    /// <summary>
    /// mAP@R (Musgrave et al. 2020, "A Metric Learning Reality Check"): of the R first, where R images are of the query's class, 1/R times
    /// the sum of the precision at each that is of the class.
    /// </summary>
    public required Estimate MeanAveragePrecisionAtR { get; init; }

    /// <summary>The share of the R first that are of the query's class.</summary>
    public required Estimate RPrecision { get; init; }

    /// <summary>Each class of the queries, by its label.</summary>
    public ImmutableArray<ClassRetrieval> ByClass { get; init; } = [];

    /// <summary>The queries that found their class last, the worst first: <see cref="RetrievalOptions.WorstQueries"/> at most.</summary>
    public ImmutableArray<MissedQuery> Worst { get; init; } = [];
}
