using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Weights.NameMaps;

/// <summary>A parameter of ours and what another implementation calls it.</summary>
/// <param name="Parameter">The parameter.</param>
/// <param name="SourceName">The tensor's name there.</param>
/// <param name="Layout">How the tensor lies there.</param>
/// <param name="IsDepthwise">Whether it is the kernel of a depthwise convolution, which TensorFlow stores in its own way.</param>
public sealed record MappedParameter(Parameter Parameter, string SourceName, TensorLayout Layout, bool IsDepthwise)
{
    /// <summary>The tensor's shape there.</summary>
    public ImmutableArray<int> SourceShape { get; init; } = TensorLayouts.ShapeOf(Parameter, IsDepthwise, Layout);

    /// <summary>Whether a tensor of the shape holds the parameter.</summary>
    public bool Fits(ImmutableArray<int> shape) => TensorLayouts.Fits(Parameter, IsDepthwise, Layout, shape);

    /// <summary>The tensor as it lies here.</summary>
    public WeightTensor ToOurs(WeightTensor tensor) => TensorLayouts.ToOurs(Parameter, IsDepthwise, Layout, tensor);
}

/// <summary>
/// What one implementation calls the tensors of a network, and how it runs them: its weights fit only its own padding and epsilon,
/// whatever the architecture is called.
/// </summary>
public abstract class NameMap
{
    private protected NameMap(string name, string title) => (Name, Title) = (name, title);

    /// <summary>The source's name on the command line, such as <c>torchvision</c>.</summary>
    public string Name { get; }

    /// <summary>The source's name for people.</summary>
    public string Title { get; }

    /// <summary>The architecture as this source runs it: its padding, epsilon and momentum.</summary>
    public abstract Architecture Adapt(Architecture architecture);

    /// <summary>What is done to images before a network with this source's published weights.</summary>
    public abstract Preprocessing Preprocess(Architecture architecture);

    /// <summary>The source's name for each parameter of a graph; empty where the source has no such network.</summary>
    /// <param name="architecture">The architecture that the graph was built from.</param>
    /// <param name="graph">The graph.</param>
    /// <param name="names">The names in the file, where there are variants; empty for the usual ones.</param>
    public abstract ImmutableArray<MappedParameter> Map(Architecture architecture, Graph graph, IReadOnlySet<string> names);

    /// <summary>Whether a tensor in a file stands for nothing here, such as a counter of batches or an optimizer's.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="names">All names in the file.</param>
    public virtual bool Ignores(string name, IReadOnlySet<string> names) => name.EndsWith("num_batches_tracked", StringComparison.Ordinal);

    /// <summary>
    /// Whether a tensor that no parameter stands for would belong to the network's body: a block more than it has, not a head of another
    /// kind or something beside it. By default all do, so that nothing is left out.
    /// </summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="body">The names of the body's own tensors in the file.</param>
    internal virtual bool IsOfBody(string name, IReadOnlySet<string> body) => true;

    /// <inheritdoc />
    public override string ToString() => Name;
}
