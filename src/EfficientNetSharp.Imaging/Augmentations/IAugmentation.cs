using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>
/// A random change to an image of the network's size. Each is a class of its own with a deterministic core that takes the drawn values.
/// Implementations keep no state between calls and may be used from many threads at once.
/// </summary>
public interface IAugmentation
{
    /// <summary>Draws from the generator and changes the image in place.</summary>
    /// <param name="image">The image.</param>
    /// <param name="random">The image's own stream of random numbers.</param>
    void Apply(Image image, ref SeededRandom random);
}
