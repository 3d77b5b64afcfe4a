using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Onnx.Writing;

/// <summary>Which values of a network change their size with the image's, and whether a file may leave that size open.</summary>
internal static class MapSizes
{
    /// <summary>For each node, whether the rows and columns of its value follow from the image's.</summary>
    public static bool[] FollowInput(Graph graph)
    {
        var follows = new bool[graph.Nodes.Length];
        foreach (var node in graph.Nodes)
        {
            follows[node.Index] = node.Operator switch
            {
                Input => true,
                GlobalAveragePool => false,
                _ => node.Inputs.Any(input => follows[input]),
            };
        }

        return follows;
    }

    /// <summary>Checks that nothing in the network but the maps' sizes depends on the image's size.</summary>
    /// <exception cref="InvalidInputException">Something does; the message says what.</exception>
    public static void EnsureOpen(Graph graph, bool[] follows)
    {
        foreach (var node in graph.Nodes)
        {
            if (follows[node.Index] && !HasFixedPads(node.Operator))
            {
                throw new InvalidInputException(
                    $"The zeros around '{node.Name}' ({(IsRoundedUp(node.Operator) ? "windows rounded up" : "SAME padding")}) depend on the image's size, so a file fits one size; export with a fixed height and width.");
            }

            if (node.Operator is Flatten && follows[node.Inputs[0]])
            {
                throw new InvalidInputException(
                    $"'{node.Name}' flattens a map whose size follows the image's, so a file fits one size; export with a fixed height and width.");
            }
        }
    }

    private static bool IsRoundedUp(Operator op) => (op switch
    {
        Convolution convolution => convolution.Padding,
        ConditionalConvolution { Shape: var shape } => shape.Padding,
        MaxPool pool => pool.Padding,
        AveragePool pool => pool.Padding,
        _ => PaddingStyle.None,
    }) == PaddingStyle.RoundedUp;

    // SAME's total is (⌈n/s⌉−1)·s + k − n: for s = 1 that is k − 1, and for k = 1 never positive.
    private static bool HasFixedPads(Operator op) => op switch
    {
        Convolution convolution => convolution.ExplicitPads is not null
            || IsFixed(convolution.Padding, convolution.Kernel, convolution.Stride),
        ConditionalConvolution { Shape: var shape } => shape.ExplicitPads is not null || IsFixed(shape.Padding, shape.Kernel, shape.Stride),
        MaxPool pool => pool.ExplicitPads is not null || RoundsUp(pool) || IsFixed(pool.Padding, pool.Kernel, pool.Stride),
        AveragePool pool => pool.ExplicitPads is not null || IsFixed(pool.Padding, pool.Kernel, pool.Stride),
        ZeroPad { Window: { } window } => IsFixed(PaddingStyle.Same, window.Kernel, window.Stride),
        _ => true,
    };

    /// <summary>Whether a pooling rounds the number of its windows up in a way that ONNX has, too.</summary>
    public static bool RoundsUp(MaxPool pool) => pool is { ExplicitPads: null, Padding: PaddingStyle.RoundedUp } && pool.Kernel >= pool.Stride;

    private static bool IsFixed(PaddingStyle padding, int kernel, int stride) =>
        padding is not (PaddingStyle.Same or PaddingStyle.RoundedUp) || stride == 1 || kernel == 1;
}
