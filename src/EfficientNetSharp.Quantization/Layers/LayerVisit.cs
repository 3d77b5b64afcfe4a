using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Quantization.Layers;

/// <summary>A layer as <see cref="LayerWalk"/> comes by it.</summary>
/// <param name="Node">The convolution or linear layer, of the quantized network.</param>
/// <param name="InputShape">Its input's shape.</param>
/// <param name="Inputs">
/// What it takes, image after image: the float network's numbers, and those that the quantized network's integers stand for. They are
/// computed as they are asked for, and the arrays are used again for the next image.
/// </param>
internal sealed record LayerVisit(Node Node, TensorShape InputShape, IEnumerable<(float[] Floats, float[] Rounded)> Inputs);
