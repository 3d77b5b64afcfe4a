using EfficientNetSharp.Files;
using EfficientNetSharp.Prediction;

namespace EfficientNetSharp.Recognition;

/// <summary>What a gallery is made for. It never changes: embeddings of another network are not comparable.</summary>
public sealed record GalleryDescription
{
    /// <summary>Most characters of <see cref="Model"/>: longer than paths of any system.</summary>
    public const int MaxModelLength = 32_767;

    /// <summary>The network, its precision and the preprocessing that the embeddings come from.</summary>
    public required EmbeddingFingerprint Fingerprint { get; init; }

    /// <summary>
    /// Where the network was found: a path, or the name of published weights. A reference for people; the fingerprint decides.
    /// </summary>
    public required string Model { get; init; }

    /// <summary>How the values are held.</summary>
    public VectorPrecision Precision { get; init; }

    /// <summary>Refuses embeddings of another network.</summary>
    /// <param name="fingerprint">Where they come from.</param>
    /// <param name="gallery">What to call the gallery in the message.</param>
    /// <param name="model">What to call the network in the message.</param>
    /// <exception cref="InvalidInputException">They differ; the message says in what.</exception>
    public void EnsureFits(EmbeddingFingerprint fingerprint, string gallery, string model)
    {
        if (Fingerprint.DifferenceOf(fingerprint) is not { } difference) return;
        throw new InvalidInputException(
            $"The gallery {OneLine.Quote(gallery, 300)} holds embeddings of {OneLine.Quote(Model, 300)}; the model {OneLine.Quote(model, 300)} has {difference}. Use that model, or make a gallery of this one's.");
    }

    /// <summary>A query's direction, for stores: the embedding scaled to length 1.</summary>
    /// <param name="query">The query.</param>
    /// <exception cref="InvalidInputException">It has another number of values, one is not finite, or all are 0.</exception>
    public float[] DirectionOf(ReadOnlySpan<float> query) => UnitVector.Of(query, Fingerprint.Length, "the query");

    internal void Check()
    {
        if (Model.Length is 0 or > MaxModelLength || Model.Contains('\0'))
            throw new InvalidInputException(
                $"A gallery's model is expected to be named by 1 to {MaxModelLength} characters, found {OneLine.Quote(Model)}.");
        if (!Enum.IsDefined(Precision))
            throw new InvalidInputException(
                $"A gallery's precision is expected to be {string.Join(", ", Enum.GetNames<VectorPrecision>())}, found {Precision}.");
    }
}
