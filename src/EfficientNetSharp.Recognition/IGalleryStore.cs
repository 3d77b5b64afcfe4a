using System.Collections.Immutable;

namespace EfficientNetSharp.Recognition;

/// <summary>
/// A gallery: named identities with embeddings, searched by cosine. Stores implement it; enrolment and identification know only this.
/// </summary>
/// <remarks>
/// <para>
/// Any number of threads may use one at once, and other processes the same gallery. What <see cref="AddAsync"/> or a removal has
/// acknowledged is kept whatever happens to the process; what was not acknowledged is there whole or not at all. A search sees the gallery
/// as it was at one moment.
/// </para>
/// <para>Methods throw <see cref="GalleryUnavailableException"/> where the store cannot be reached any more; nothing acknowledged is
/// lost.</para>
/// </remarks>
public interface IGalleryStore : IGallerySearch, IAsyncDisposable
{
    /// <summary>What to call the gallery in messages: its path or address.</summary>
    string Name { get; }

    /// <summary>What it is made for.</summary>
    GalleryDescription Description { get; }

    /// <summary>How much it holds.</summary>
    Task<GallerySize> CountAsync(CancellationToken cancellationToken = default);

    /// <summary>Adds embeddings, all or none; identities that are not there are made.</summary>
    /// <param name="samples">The embeddings; their <see cref="GallerySample.Id"/> is not looked at.</param>
    /// <param name="cancellationToken">Gives up before anything is stored.</param>
    /// <returns>A number for each, in their order.</returns>
    /// <exception cref="InvalidInputException">One does not fit the gallery; nothing is stored.</exception>
    Task<ImmutableArray<long>> AddAsync(IReadOnlyList<GallerySample> samples, CancellationToken cancellationToken = default);

    /// <summary>Removes an identity with all its embeddings, whose values are overwritten or given up to the database.</summary>
    /// <returns>How many embeddings it had; 0 where there is no such identity.</returns>
    Task<int> RemoveAsync(string identity, CancellationToken cancellationToken = default);

    /// <summary>Removes one embedding; its identity with its last one.</summary>
    /// <returns>Whether there was one of that number.</returns>
    Task<bool> RemoveSampleAsync(long id, CancellationToken cancellationToken = default);

    /// <summary>The identities, by name in order of code units.</summary>
    IAsyncEnumerable<GalleryIdentity> ListAsync(CancellationToken cancellationToken = default);

    /// <summary>Embeddings as they are held, of length 1, in the order of their numbers.</summary>
    /// <param name="identity">Whose; everybody's where <see langword="null"/>.</param>
    /// <param name="cancellationToken">Gives up between embeddings.</param>
    IAsyncEnumerable<GallerySample> ReadAsync(string? identity = null, CancellationToken cancellationToken = default);

    /// <summary>Embeddings by their numbers, as they are held and of length 1, all of one moment.</summary>
    /// <param name="ids">The numbers; those that no embedding has are passed over.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Those that are there, each once, in the order of their numbers.</returns>
    Task<ImmutableArray<GallerySample>> FindAsync(IReadOnlyList<long> ids, CancellationToken cancellationToken = default);

    /// <summary>Which identities an image file is enrolled for.</summary>
    /// <param name="contentHashes">As <see cref="GallerySample.ContentHash"/>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>For each hash the identities with an embedding of it, each once, by name in order of code units.</returns>
    Task<ImmutableArray<ImmutableArray<string>>> FindContentAsync(
        IReadOnlyList<string> contentHashes, CancellationToken cancellationToken = default);
}
