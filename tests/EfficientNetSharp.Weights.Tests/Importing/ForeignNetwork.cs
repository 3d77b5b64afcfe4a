using EfficientNetSharp.Architectures;
using EfficientNetSharp.Models;
using EfficientNetSharp.Testing;
using EfficientNetSharp.Weights.NameMaps;

namespace EfficientNetSharp.Weights.Tests.Importing;

/// <summary>A small network under a source's names, with its weights as they are to come out.</summary>
internal sealed record ForeignNetwork(
    string Source, Architecture Architecture, List<(string Name, WeightTensor Tensor)> Body, WeightTensor Kernel, WeightTensor Bias)
{
    public const int Classes = 7;

    public int Features => Kernel.Shape[1];

    /// <summary>The body's weights by our names, and the classifier's.</summary>
    public required WeightSet Expected { get; init; }

    /// <summary>The classifier's layer by the source's name.</summary>
    public required string Classifier { get; init; }

    /// <summary>All with the classifier by its own name.</summary>
    public IEnumerable<(string Name, WeightTensor Tensor)> Whole => [.. Body, .. Layer(Classifier, Kernel, Bias)];

    public static IEnumerable<(string Name, WeightTensor Tensor)> Layer(string name, WeightTensor kernel, WeightTensor bias) =>
        [($"{name}.weight", kernel), ($"{name}.bias", bias)];

    public static ForeignNetwork Make(string source, string name, ulong seed = 1)
    {
        var architecture = ArchitectureRegistry.Get(name);
        // Narrow and shallow, with its family's own layout.
        if (architecture.Family != "MobileNetV3")
            architecture = architecture.Scale(0.25, 0.4, architecture.Resolution) with { Name = name };
        var map = NameMapRegistry.Get(source);
        var adapted = map.Adapt(architecture);
        var mapped = map.Map(adapted, adapted.Build(new BuildOptions { Classes = Classes }), new HashSet<string>());
        var tensors = mapped.Select(parameter => (Mapped: parameter,
            Tensor: SyntheticWeights.Tensor(parameter.SourceName, parameter.SourceShape, seed, 4))).ToList();
        var head = tensors.Where(pair => pair.Mapped.Parameter.Name.StartsWith("classifier.", StringComparison.Ordinal)).ToList();
        return new ForeignNetwork(source, architecture, [.. tensors.Except(head).Select(pair => (pair.Mapped.SourceName, pair.Tensor))],
            head[0].Tensor, head[1].Tensor)
        {
            Expected = new WeightSet(tensors.Select(pair =>
                KeyValuePair.Create(pair.Mapped.Parameter.Name, pair.Mapped.ToOurs(pair.Tensor)))),
            Classifier = head[0].Mapped.SourceName[..^".weight".Length],
        };
    }
}
