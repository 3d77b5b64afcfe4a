using System.Collections.Immutable;

namespace EfficientNetSharp.Recognition;

/// <summary>Finds identities by embeddings: a gallery's store, exactly, or an index over one, approximately.</summary>
public interface IGallerySearch
{
    /// <summary>Most identities that a search names.</summary>
    const int MaxMatches = 1000;

    /// <summary>
    /// The identities whose nearest embedding has the greatest cosine with a query, each once, best first; of equal ones the one that
    /// was enrolled first.
    /// </summary>
    /// <param name="queries">Embeddings of any length above 0; each has as many values as the gallery's.</param>
    /// <param name="count">Identities for each query, 1 to <see cref="MaxMatches"/>; fewer where the gallery has fewer.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The matches of each query.</returns>
    /// <exception cref="InvalidInputException">A query does not fit the gallery.</exception>
    Task<ImmutableArray<ImmutableArray<GalleryMatch>>> SearchAsync(
        IReadOnlyList<ReadOnlyMemory<float>> queries, int count, CancellationToken cancellationToken = default);
}
