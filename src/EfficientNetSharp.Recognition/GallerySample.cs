using EfficientNetSharp.Files;

namespace EfficientNetSharp.Recognition;

/// <summary>One enrolled embedding of an identity.</summary>
public sealed record GallerySample
{
    /// <summary>Most characters of a name.</summary>
    public const int MaxNameLength = 500;

    /// <summary>
    /// Whose it is: 1 to <see cref="MaxNameLength"/> characters that are seen, compared one by one; blanks do not stand at the ends.
    /// </summary>
    public required string Identity { get; init; }

    /// <summary>The embedding; it is scaled to length 1 where it is stored.</summary>
    public required ReadOnlyMemory<float> Embedding { get; init; }

    /// <summary>Where it comes from, for people: an image's path; empty where nobody says.</summary>
    public string Source { get; init; } = "";

    /// <summary>
    /// SHA-256 of the image file in lower-case hexadecimal, by which an image is known again; empty where the embedding is of no file.
    /// </summary>
    public string ContentHash { get; init; } = "";

    /// <summary>When it was enrolled, to the millisecond.</summary>
    public DateTimeOffset Enrolled { get; init; }

    /// <summary>The store's number of it, from 1; 0 before it is stored.</summary>
    public long Id { get; init; }

    /// <summary>
    /// The score of a stored embedding in a search: the sum of products of two vectors of length 1, added in 64 bits, −1 to 1.
    /// </summary>
    /// <param name="direction">A query of length 1, as <see cref="GalleryDescription.DirectionOf"/> makes it.</param>
    public float CosineWith(ReadOnlySpan<float> direction) => Math.Clamp(UnitVector.Cosine(Embedding.Span, direction), -1, 1);

    /// <summary>Checks a name.</summary>
    /// <exception cref="InvalidInputException">It is none; the message says why.</exception>
    public static void CheckName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        string? wrong = name.Length == 0 ? "nothing"
            : name.Length > MaxNameLength ? $"{name.Length} characters: {OneLine.Quote(name, 40)}"
            : name.Trim() != name ? $"blanks at an end: {OneLine.Quote(name)}"
            : !VisibleText.IsPlain(name) ? $"characters that are not seen: {OneLine.Quote(name)}"
            : null;
        if (wrong is null) return;
        throw new InvalidInputException(
            $"An identity's name is expected to have 1 to {MaxNameLength} visible characters without blanks around them, found {wrong}; give another.");
    }

    /// <summary>Checks it against a gallery, and scales the embedding to length 1.</summary>
    /// <param name="length">Values that the gallery's embeddings have.</param>
    /// <returns>The embedding's direction.</returns>
    /// <exception cref="InvalidInputException">A part of it cannot be stored; the message says which.</exception>
    public float[] CheckedDirection(int length)
    {
        CheckName(Identity);
        if (ContentHash.Length > 0 && (ContentHash.Length != 64 || !ContentHash.All(char.IsAsciiHexDigitLower)))
            throw new InvalidInputException(
                $"A content hash is expected to be the 64 lower-case hexadecimal digits of a SHA-256, found {OneLine.Quote(ContentHash)}.");
        if (Source.Contains('\0') || Source.Length > GalleryDescription.MaxModelLength)
            throw new InvalidInputException(
                $"The source of an embedding of {OneLine.Quote(Identity)} is too long or has a NUL character; give a path.");
        return UnitVector.Of(Embedding.Span, length, $"the embedding of {OneLine.Quote(Identity)}");
    }
}
