using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Torch;

/// <summary>What a pass did for a node, with what the way back needs.</summary>
/// <param name="node">The node that it belongs to.</param>
/// <param name="output">
/// The node whose value it made: another than <paramref name="node"/> where one kernel does the work of two nodes.
/// </param>
internal abstract class TapeEntry(int node, int output) : IDisposable
{
    /// <summary>The node; all its parameters' gradients are complete after <see cref="Backward"/>.</summary>
    public int Node => node;

    /// <summary>The node whose value was made.</summary>
    public int Output => output;

    /// <summary>Adds to the gradients of inputs and parameters.</summary>
    /// <param name="gradient">That of the value; disposed here.</param>
    /// <param name="isOwn">Whether nobody else sees its memory.</param>
    /// <param name="table">Where the inputs' gradients are added up.</param>
    public abstract void Backward(Tensor gradient, bool isOwn, GradientTable table);

    /// <inheritdoc />
    public abstract void Dispose();
}
