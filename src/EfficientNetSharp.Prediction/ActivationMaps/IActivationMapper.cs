using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Prediction.ActivationMaps;

/// <summary>A way to tell where in an image a network finds a class.</summary>
public interface IActivationMapper : IDisposable
{
    /// <summary>Its name, as in <c>cam</c>.</summary>
    string Method { get; }

    /// <summary>What people call the method, as in <c>Grad-CAM</c>.</summary>
    string Title { get; }

    /// <summary>The node of the network whose value the maps are made of.</summary>
    Node Layer { get; }

    /// <summary>Makes the map of an image.</summary>
    /// <param name="image">A normalised image [C,H,W].</param>
    /// <param name="classIndex">The class; the image's best where <see langword="null"/>.</param>
    /// <exception cref="InvalidInputException">The network gives no finite outputs.</exception>
    MappedClass Of(ReadOnlySpan<float> image, int? classIndex = null);
}

/// <summary>A class and where in an image it is found.</summary>
/// <param name="ClassIndex">The class's place in the network's outputs, from 0.</param>
/// <param name="Logits">The network's outputs, [classes].</param>
/// <param name="Map">Where it is found.</param>
public sealed record MappedClass(int ClassIndex, float[] Logits, ActivationMap Map);
