using System.Collections.Immutable;
using EfficientNetSharp.Weights.NameMaps;

namespace EfficientNetSharp.Weights.Importing;

/// <summary>A file's classifier: a matrix over the network's features and a bias, by whatever names.</summary>
/// <param name="Kernel">The matrix's name.</param>
/// <param name="Bias">The bias's name; <see langword="null"/> where the layer has none.</param>
/// <param name="Classes">Its outputs.</param>
internal sealed record PlainHead(string Kernel, string? Bias, int Classes)
{
    /// <summary>The layer's name.</summary>
    public string Module => Kernel[..Kernel.LastIndexOfAny(['.', '/'])];

    /// <summary>The layer by the source's own name for the classifier; <see langword="null"/> where it is not there.</summary>
    /// <param name="tensors">The file's tensors.</param>
    /// <param name="kernel">The network's matrix.</param>
    /// <param name="bias">The network's bias; <see langword="null"/> where its classifier has none.</param>
    public static PlainHead? Own(SourceTensors tensors, MappedParameter kernel, MappedParameter? bias) =>
        ClassesOf(tensors, kernel, kernel.SourceName) is not { } classes ? null
        : bias is null || !tensors.Names.Contains(bias.SourceName) ? new PlainHead(kernel.SourceName, null, classes)
        : IsBias(tensors, bias.SourceName, classes) ? new PlainHead(kernel.SourceName, bias.SourceName, classes)
        : null;

    /// <summary>
    /// The layer among what is left over, where that is nothing else. A matrix without a bias is not taken for one here: losses of metric
    /// learning have such, and mean angles by it.
    /// </summary>
    public static PlainHead? Among(SourceTensors tensors, ImmutableArray<string> left, MappedParameter kernel, MappedParameter bias)
    {
        int common = kernel.SourceName.AsSpan().CommonPrefixLength(bias.SourceName);
        string kernelEnd = kernel.SourceName[common..], biasEnd = bias.SourceName[common..];
        if (left.Length != 2 || left.FirstOrDefault(name => tensors.ShapeOf(name) is { Length: >= 2 }) is not { } found
            || !found.EndsWith(kernelEnd, StringComparison.Ordinal)) return null;
        string module = found[..^kernelEnd.Length];
        return (module.Length == 0 || module[^1] is '.' or '/') && left.Contains(module + biasEnd)
            && ClassesOf(tensors, kernel, found) is { } classes && IsBias(tensors, module + biasEnd, classes)
            ? new PlainHead(found, module + biasEnd, classes)
            : null;
    }

    // A matrix over as many features, or the same as a 1×1 convolution.
    private static int? ClassesOf(SourceTensors tensors, MappedParameter kernel, string name)
    {
        if (tensors.ShapeOf(name) is not { Length: >= 2 } shape) return null;
        bool torch = kernel.Layout == TensorLayout.PyTorch;
        int classes = shape[torch ? 0 : 1];
        bool isFlat = shape.Skip(2).All(side => side == 1);
        return isFlat && classes > 0 && shape[torch ? 1 : 0] == kernel.SourceShape[torch ? 1 : 0] ? classes : null;
    }

    private static bool IsBias(SourceTensors tensors, string name, int classes) =>
        tensors.ShapeOf(name) is [var length] && length == classes;
}
