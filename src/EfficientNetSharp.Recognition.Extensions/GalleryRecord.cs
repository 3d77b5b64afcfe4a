namespace EfficientNetSharp.Recognition.Extensions;

/// <summary>
/// An enrolled embedding as a record of a <see cref="GalleryCollection"/>: a <see cref="GallerySample"/> for programs that are written
/// against Microsoft.Extensions.VectorData.
/// </summary>
public sealed class GalleryRecord
{
    /// <summary>The gallery's number of the embedding, from 1; 0 before it is stored, and set when it is.</summary>
    public long Key { get; set; }

    /// <summary>Whose it is, as <see cref="GallerySample.Identity"/>; several records may be of one identity.</summary>
    public required string Identity { get; init; }

    /// <summary>
    /// The embedding, as many values as the gallery's have: of any length above 0 where it is given, of length 1 where it is read, empty
    /// where it was not asked for.
    /// </summary>
    public required ReadOnlyMemory<float> Vector { get; init; }

    /// <summary>Where it comes from, for people: an image's path; empty where nobody says.</summary>
    public string Source { get; init; } = "";

    /// <summary>SHA-256 of the image file in lower-case hexadecimal; empty where the embedding is of no file.</summary>
    public string ContentHash { get; init; } = "";

    /// <summary>
    /// When it was enrolled, to the millisecond. The default value stands for the time of the call that stores it, which sets this to
    /// what is stored.
    /// </summary>
    public DateTimeOffset Enrolled { get; set; }

    internal static GalleryRecord Of(GallerySample sample, bool includeVector) => new()
    {
        Key = sample.Id, Identity = sample.Identity, Vector = includeVector ? sample.Embedding : default, Source = sample.Source,
        ContentHash = sample.ContentHash, Enrolled = sample.Enrolled,
    };

    internal GallerySample ToSample(DateTimeOffset now)
    {
        var enrolled = Enrolled == default ? now : Enrolled;
        return new GallerySample
        {
            Identity = Identity, Embedding = Vector, Source = Source, ContentHash = ContentHash,
            Enrolled = DateTimeOffset.FromUnixTimeMilliseconds(enrolled.ToUnixTimeMilliseconds()),
        };
    }
}
