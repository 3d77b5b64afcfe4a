using static TorchSharp.torch;

namespace EfficientNetSharp.Training.Torch;

/// <summary>The gradients of a pass's values, by node, while they are being added up.</summary>
internal sealed class GradientTable(int nodes) : IDisposable
{
    private readonly (Tensor? Gradient, bool IsOwn)[] _entries = new (Tensor?, bool)[nodes];

    /// <summary>Adds to a node's gradient. The tensor belongs to the table from now on.</summary>
    /// <param name="node">The node whose value it is of.</param>
    /// <param name="gradient">The addend.</param>
    /// <param name="isOwn">Whether nobody else sees the addend's memory, so that it may be written to.</param>
    public void Add(int node, Tensor gradient, bool isOwn = true)
    {
        var (sum, sumIsOwn) = _entries[node];
        if (sum is null)
        {
            _entries[node] = (gradient, isOwn);
            return;
        }

        if (sumIsOwn)
        {
            sum.add_(gradient, Scalars.One);
            gradient.Dispose();
        }
        else if (isOwn)
        {
            gradient.add_(sum, Scalars.One);
            sum.Dispose();
            _entries[node] = (gradient, true);
        }
        else
        {
            _entries[node] = (sum.Plus(gradient), true);
            sum.Dispose();
            gradient.Dispose();
        }
    }

    /// <summary>Takes a node's gradient out; <see langword="null"/> where nothing was added. The caller disposes it.</summary>
    public (Tensor? Gradient, bool IsOwn) Take(int node)
    {
        var entry = _entries[node];
        _entries[node] = default;
        return entry;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        for (int i = 0; i < _entries.Length; i++) Take(i).Gradient?.Dispose();
    }
}
