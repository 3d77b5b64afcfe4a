using System.Collections.Immutable;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Testing;

/// <summary>
/// Weights that follow from names and a seed, with running statistics unlike those of a fresh network, so that a mistake in
/// folding or an epsilon shows. The rule is that of Goldens/README.md.
/// </summary>
public static class SyntheticWeights
{
    /// <summary>Weights of a graph by its canonical names.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="seed">Seed.</param>
    /// <param name="gain">
    /// A kernel's variance is a third of this over its fan-in. At 5, EfficientNets carry the image from end to end (a wrong
    /// padding changes the output by 1 % and more) and float32 errs by 1e-6 at most; at 4 little arrives, at 6 the deep ones
    /// multiply every rounding by thousands.
    /// </param>
    public static WeightSet For(Graph graph, ulong seed = 0, double gain = 5) => new(graph.Parameters.Select(parameter =>
        KeyValuePair.Create(parameter.Name, Tensor(parameter.Name, parameter.Shape, seed, gain))));

    /// <summary>The tensor of a name and shape.</summary>
    public static WeightTensor Tensor(string name, ImmutableArray<int> shape, ulong seed, double gain)
    {
        var values = NamedUniform.Draw(name, shape.Aggregate(1, (product, dimension) => checked(product * dimension)), seed);
        var (offset, scale) = shape.Length >= 2
            ? (0f, (float)Math.Sqrt(gain / shape.Skip(1).Aggregate(1L, (product, dimension) => product * dimension)))
            : VectorRange(name);
        for (int i = 0; i < values.Length; i++) values[i] = offset + (scale * values[i]);
        return new WeightTensor(shape, values);
    }

    private static (float Offset, float Scale) VectorRange(string name)
    {
        if (name.EndsWith("running_var", StringComparison.Ordinal)) return (1, 0.5f);
        if (name.EndsWith("running_mean", StringComparison.Ordinal)) return (0, 0.1f);
        return name.EndsWith(".weight", StringComparison.Ordinal) ? (1, 0.2f) : (0, 0.1f);
    }
}
