using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Imaging.Augmentations;

/// <summary>
/// A random change to a picture of the network's size. Each is a class of its own with a deterministic core that takes the drawn values.
/// Implementations keep no state between calls and may be used from many threads at once.
/// </summary>
public interface IAugmentation
{
    /// <summary>Draws from the generator and changes the picture in place.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="random">The picture's own stream of random numbers.</param>
    void Apply(Picture picture, ref SeededRandom random);
}
