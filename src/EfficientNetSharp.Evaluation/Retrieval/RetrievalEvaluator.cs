namespace EfficientNetSharp.Evaluation.Retrieval;

/// <summary>
/// Measures retrieval by cosine: whether the images nearest to a query are of its class. The exact ranks of all images, in memory that
/// does not grow with the square of their number.
/// </summary>
/// <remarks>
/// Of images at equal distance those of other classes come first. So embeddings that have collapsed to a point score nothing instead of
/// everything, and results do not depend on the order of the images.
/// </remarks>
public static class RetrievalEvaluator
{
    // A panel of gallery rows is packed once for so many queries, which costs a tenth of the products with them.
    private const int MaxQueries = 384;

    // Cosines of relevant rows that a thread holds at once.
    private const int MaxRelevant = 4 << 20;

    /// <summary>Searches every image among all others.</summary>
    /// <param name="rows">The embeddings, of any length.</param>
    /// <param name="labels">Each row's class, any number.</param>
    /// <param name="options">What is measured; <see langword="null"/> for the usual.</param>
    /// <param name="progress">Told the share of the queries that is done.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    /// <exception cref="ArgumentException">There are not as many labels as rows.</exception>
    /// <exception cref="InvalidInputException">No class has two images.</exception>
    public static RetrievalResult Evaluate(
        EmbeddingRows rows, ReadOnlySpan<int> labels, RetrievalOptions? options = null, IProgress<double>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return new RetrievalRun(rows, labels, rows, labels, isSame: true, options ?? new RetrievalOptions(), progress, cancellationToken)
            .Measure();
    }

    /// <summary>Searches images of a gallery for other images.</summary>
    /// <param name="queries">The embeddings of what is looked for, of any length.</param>
    /// <param name="queryLabels">Each query's class, any number.</param>
    /// <param name="gallery">The embeddings of what is searched.</param>
    /// <param name="galleryLabels">The class of each row of the gallery.</param>
    /// <param name="options">What is measured; <see langword="null"/> for the usual.</param>
    /// <param name="progress">Told the share of the queries that is done.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    /// <exception cref="ArgumentException">There are not as many labels as rows, or the rows differ in length.</exception>
    /// <exception cref="InvalidInputException">No query's class is in the gallery.</exception>
    public static RetrievalResult Evaluate(
        EmbeddingRows queries, ReadOnlySpan<int> queryLabels, EmbeddingRows gallery, ReadOnlySpan<int> galleryLabels,
        RetrievalOptions? options = null, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(queries);
        ArgumentNullException.ThrowIfNull(gallery);
        return new RetrievalRun(
            queries, queryLabels, gallery, galleryLabels, isSame: false, options ?? new RetrievalOptions(), progress,
                cancellationToken).Measure();
    }

    /// <summary>
    /// Query rows in blocks that one thread works on at a time: those of a class together, so that its relevant rows are looked at at once.
    /// </summary>
    internal static List<int[]> Blocks(IEnumerable<int> queriesByClass, Func<int, int> relevant)
    {
        var (blocks, block, held) = (new List<int[]>(), new List<int>(), 0L);
        foreach (int query in queriesByClass)
        {
            int own = relevant(query) + 1;
            if (block.Count > 0 && (block.Count == MaxQueries || held + own > MaxRelevant))
            {
                blocks.Add([.. block]);
                block.Clear();
                held = 0;
            }

            block.Add(query);
            held += own;
        }

        if (block.Count > 0) blocks.Add([.. block]);
        return blocks;
    }
}
