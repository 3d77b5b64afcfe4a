namespace EfficientNetSharp.Recognition;

/// <summary>An identity that a search found.</summary>
/// <param name="Identity">Its name.</param>
/// <param name="Score">The cosine of the query and the identity's nearest embedding, −1 to 1.</param>
/// <param name="SampleId">The number of that embedding.</param>
/// <param name="Source">Where that embedding comes from.</param>
public sealed record GalleryMatch(string Identity, float Score, long SampleId, string Source);

/// <summary>An identity of a gallery.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Samples">Its embeddings.</param>
/// <param name="Enrolled">When the newest of them was enrolled.</param>
public sealed record GalleryIdentity(string Name, int Samples, DateTimeOffset Enrolled);

/// <summary>How much a gallery holds.</summary>
/// <param name="Identities">Identities.</param>
/// <param name="Samples">Embeddings.</param>
public readonly record struct GallerySize(long Identities, long Samples);
