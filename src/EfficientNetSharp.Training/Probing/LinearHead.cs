using EfficientNetSharp.Graphs;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Training.Probing;

/// <summary>A linear classifier: of a row of features a logit per class.</summary>
/// <param name="Weights">[K,C], row-major.</param>
/// <param name="Biases">[K].</param>
internal sealed record LinearHead(float[] Weights, float[] Biases)
{
    /// <summary>K.</summary>
    public int Classes => Biases.Length;

    /// <summary>C.</summary>
    public int Features => Weights.Length / Biases.Length;

    /// <summary>The logits of one row.</summary>
    /// <param name="row">[C].</param>
    /// <param name="logits">[K].</param>
    public void Apply(ReadOnlySpan<float> row, Span<float> logits)
    {
        for (int k = 0; k < Classes; k++)
        {
            double sum = Biases[k];
            var weights = Weights.AsSpan(k * Features, Features);
            for (int c = 0; c < row.Length; c++) sum += (double)weights[c] * row[c];
            logits[k] = (float)sum;
        }
    }

    /// <summary>A network's weights with this for its classifier.</summary>
    /// <param name="graph">The network, with this head's number of classes.</param>
    /// <param name="weights">The weights of the other layers.</param>
    public WeightSet PutInto(Graph graph, WeightSet weights)
    {
        var layer = ClassifierOf(graph);
        var own = layer.Parameters.ToDictionary(
            parameter => parameter.Name,
            parameter => new WeightTensor(parameter.Shape, parameter.Role == ParameterRole.Bias ? Biases : Weights),
            StringComparer.Ordinal);
        var joined = new WeightSet(graph.Parameters.Select(parameter => KeyValuePair.Create(
            parameter.Name, own.GetValueOrDefault(parameter.Name) ?? weights[parameter])));
        joined.EnsureFit(graph);
        return joined;
    }

    /// <summary>Whether a network ends in what a head can be put into: one linear layer with biases.</summary>
    public static bool Fits(Graph graph) => graph.Nodes.Count(IsClassifier) == 1
        && graph.Nodes.Single(IsClassifier).Operator is Linear { HasBias: true };

    private static Node ClassifierOf(Graph graph) => graph.Nodes.Single(IsClassifier);

    private static bool IsClassifier(Node node) => node.Role == NodeRole.Classifier && !node.Parameters.IsEmpty;
}
