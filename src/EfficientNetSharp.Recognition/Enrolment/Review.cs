namespace EfficientNetSharp.Recognition.Enrolment;

/// <summary>How images are looked at before they are enrolled.</summary>
public enum ReviewMode
{
    /// <summary>All that can be read is enrolled.</summary>
    Off,

    /// <summary>What is most likely a mistake is rejected: blank and tiny images, files and faces that are somebody else's.</summary>
    Standard,

    /// <summary>
    /// What is not clearly right is rejected: also images below half of the network's size, copies, and those that the threshold does not
    /// tell apart from another identity or does not join with their own.
    /// </summary>
    Strict,
}

/// <summary>Why an image was not enrolled.</summary>
public enum RejectionReason
{
    /// <summary>It cannot be read or decoded, or has no embedding.</summary>
    Unreadable,

    /// <summary>It has too few pixels.</summary>
    Tiny,

    /// <summary>It is of one colour, or nearly.</summary>
    Blank,

    /// <summary>The same file is enrolled for another identity, or (strict) the same image for its own.</summary>
    Duplicate,

    /// <summary>It is closer to another identity than its own images allow.</summary>
    TooCloseToAnother,

    /// <summary>It is too far from the other images of its own identity.</summary>
    FarFromItsOwn,
}

/// <summary>A reason with what was found, in words.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Text">A sentence for people, without the image's name and without a full stop.</param>
public sealed record Rejection(RejectionReason Reason, string Text);

/// <summary>The rules of the review. Cosines are compared with the threshold above which two images count as of one identity.</summary>
/// <param name="mode">Which rules.</param>
/// <param name="threshold">
/// The cosine above which two images count as of one identity; <see langword="null"/> where none is known, and then cosines are only
/// compared
/// with each other.
/// </param>
/// <param name="inputSide">The shorter side of what the network sees, in pixels.</param>
internal sealed class Review(ReviewMode mode, double? threshold, int inputSide)
{
    // Of 255 grey values. An empty wall has 2 to 3 from its camera's noise, the flattest of photographs about 15.
    private const double BlankContrast = 4, StrictBlankContrast = 8;

    // What is enlarged more than this has nothing that the network was trained to see.
    private const double MaxEnlargement = 4, StrictMaxEnlargement = 2;

    // Copies that were compressed or resized anew have cosines from here on; two photographs of a series do not.
    private const double CopyCosine = 0.9995;

    private bool IsStrict => mode == ReviewMode.Strict;

    /// <summary>Looks at the image itself.</summary>
    public Rejection? OfImage(EmbeddedImage image)
    {
        if (image.Error is { } error) return new Rejection(RejectionReason.Unreadable, error.TrimEnd('.'));
        if (mode == ReviewMode.Off) return null;
        int side = Math.Min(image.Size.Width, image.Size.Height);
        double least = Math.Ceiling(inputSide / (IsStrict ? StrictMaxEnlargement : MaxEnlargement));
        if (side < least)
            return new Rejection(RejectionReason.Tiny, $"tiny: {image.Size} pixels, at least {least:0} on the shorter side are expected");
        double contrast = IsStrict ? StrictBlankContrast : BlankContrast;
        return image.Contrast < contrast
            ? new Rejection(RejectionReason.Blank, FormattableString.Invariant(
                $"blank: a contrast of {image.Contrast:0.0} of 255, at least {contrast:0} is expected"))
            : null;
    }

    /// <summary>Looks at whose the file is already.</summary>
    public Rejection? OfFile(string identity, IEnumerable<string> owners) =>
        mode != ReviewMode.Off && owners.FirstOrDefault(owner => owner != identity) is { } other
            ? new Rejection(RejectionReason.Duplicate, $"duplicate: the same file is enrolled for '{other}'")
            : null;

    /// <summary>Looks at the neighbours.</summary>
    /// <param name="own">The greatest cosine with an image of its own identity; <see langword="null"/> where it is the first.</param>
    /// <param name="other">The greatest cosine with an image of another, and whose; <see langword="null"/> where there is none.</param>
    public Rejection? OfNeighbours(double? own, (string Identity, double Cosine)? other)
    {
        if (mode == ReviewMode.Off) return null;
        if (IsStrict && own >= CopyCosine)
            return new Rejection(RejectionReason.Duplicate, FormattableString.Invariant(
                $"duplicate: a cosine of {own:0.0000} with an image of its own"));
        if (other is { } nearest)
        {
            string found = FormattableString.Invariant($"a cosine of {nearest.Cosine:0.000} with '{nearest.Identity}'");
            bool isNearer = own is null || nearest.Cosine > own;
            if (threshold is { } limit && nearest.Cosine > limit && (isNearer || IsStrict))
            {
                return new Rejection(
                    RejectionReason.TooCloseToAnother, FormattableString.Invariant(
                        $"too close to another: {found}, above {limit:0.000} two are one"));
            }

            // Without a threshold this is all that can be said, and only where there is something of its own.
            if (own is { } mine && nearest.Cosine > mine && (threshold is null || mine <= threshold))
            {
                return new Rejection(
                    RejectionReason.FarFromItsOwn, FormattableString.Invariant(
                        $"far from its own: {found}, {mine:0.000} with its own images"));
            }
        }

        return IsStrict && own is { } cosine && threshold is { } least && cosine <= least
            ? new Rejection(
                RejectionReason.FarFromItsOwn,
                FormattableString.Invariant($"far from its own: a cosine of {cosine:0.000} with its own images, more than {least:0.000} is expected"))
            : null;
    }
}
