using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Costs;

/// <summary>The memory that a network needs to run on one image in float32, node after node.</summary>
/// <param name="WeightBytes">All its tensors, running statistics included.</param>
/// <param name="PeakActivationBytes">
/// The largest sum of values that are needed at one time. A value lives until the last node that takes it; functions of single
/// elements work in their input's place where nobody else needs it. A backend that fuses nodes needs less, one that copies into a
/// layout of its own needs more.
/// </param>
public sealed record GraphMemory(long WeightBytes, long PeakActivationBytes)
{
    /// <summary>Counts a graph.</summary>
    public static GraphMemory Of(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        return new GraphMemory(graph.Parameters.Sum(parameter => parameter.Count) * sizeof(float), PeakValues(graph) * sizeof(float));
    }

    private static long PeakValues(Graph graph)
    {
        var waiting = graph.CountUses().ToArray();
        long live = 0, peak = 0;
        foreach (var node in graph.Nodes)
        {
            bool inPlace = WorksInPlace(node.Operator) && waiting[node.Inputs[0]] == 1;
            if (!inPlace) live += node.Shape.Count;
            peak = Math.Max(peak, live);
            foreach (int input in node.Inputs)
            {
                if (--waiting[input] == 0 && !inPlace) live -= graph.Nodes[input].Shape.Count;
            }
        }

        return peak;
    }

    private static bool WorksInPlace(Operator op) =>
        op is BatchNormalization or Activation or PRelu or Flatten or Dropout or StochasticDepth;
}
