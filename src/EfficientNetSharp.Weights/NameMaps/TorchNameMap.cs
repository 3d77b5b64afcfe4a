using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Weights.NameMaps;

/// <summary>
/// A source whose tensors are a module's name and <c>weight</c>, <c>bias</c>, <c>running_mean</c> or <c>running_var</c>, as here.
/// </summary>
public abstract class TorchNameMap : NameMap
{
    private protected TorchNameMap(string name, string title)
        : base(name, title)
    {
    }

    /// <inheritdoc />
    public sealed override ImmutableArray<MappedParameter> Map(Architecture architecture, Graph graph, IReadOnlySet<string> names)
    {
        var mapped = ImmutableArray.CreateBuilder<MappedParameter>();
        foreach (var layer in Layer.Of(architecture, graph))
        {
            if (ModuleOf(architecture, layer) is not { } module) return [];
            foreach (var parameter in layer.Node.Parameters)
            {
                string suffix = parameter.Name[(parameter.Name.LastIndexOf('.') + 1)..];
                mapped.Add(new MappedParameter(parameter, $"{module}.{suffix}", TensorLayout.PyTorch, layer.IsDepthwise)
                {
                    SourceShape = ShapeOf(parameter, layer),
                });
            }
        }

        return mapped.ToImmutable();
    }

    // What lies in a module that the body's tensors lie in, all names without what stands before the network's.
    internal sealed override bool IsOfBody(string name, IReadOnlySet<string> body) => body.Select(ModuleName.Top).Contains(ModuleName.Top(name));

    /// <summary>The module that is this layer; <see langword="null"/> where the source has no such network.</summary>
    private protected abstract string? ModuleOf(Architecture architecture, Layer layer);

    /// <summary>The shape in which the source writes a parameter.</summary>
    private protected virtual ImmutableArray<int> ShapeOf(Parameter parameter, Layer layer) => parameter.Shape;

    // As in a module of the three by name.
    private protected static string Named(Layer layer) => layer.Kind switch
    {
        "conv" or "linear" => "conv",
        "norm" => "bn",
        _ => "prelu",
    };

    // conv → 0, norm → 1, activation → 2, as in a Sequential of the three.
    private protected static int Position(Layer layer) => layer.Kind switch
    {
        "conv" => 0,
        "norm" => 1,
        _ => 2,
    };
}
