namespace EfficientNetSharp.Recognition;

/// <summary>
/// A gallery's store does not answer: its database is gone, locked for too long, or the disk is full. Its message is one line; what was
/// acknowledged before is kept.
/// </summary>
public sealed class GalleryUnavailableException : IOException
{
    /// <summary>Creates the exception for a gallery.</summary>
    /// <param name="gallery">Its name.</param>
    /// <param name="reason">Why, and what to do about it, without a full stop.</param>
    /// <param name="cause">What the store's library threw.</param>
    public GalleryUnavailableException(string gallery, string reason, Exception? cause = null)
        : base($"The gallery '{gallery}' cannot be used: {reason}.", cause)
    {
    }
}
