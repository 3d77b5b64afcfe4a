using System.Collections.Immutable;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Training.Optimizers;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Torch;

namespace EfficientNetSharp.Training.Steps;

/// <summary>Says for each tensor of a network whether it learns, how fast, and whether it decays.</summary>
internal static class ParameterLayout
{
    /// <summary>The groups that an optimizer is given.</summary>
    /// <param name="parameters">The network's vectors.</param>
    /// <param name="graph">The network.</param>
    /// <param name="recipe">Decay, its rule, and layer-wise decay of the rate.</param>
    /// <param name="frozen">Nodes that do not learn.</param>
    public static ParameterGroups GroupsOf(FlatParameters parameters, Graph graph, TrainingRecipe recipe, ImmutableHashSet<string> frozen)
    {
        var owners = OwnersOf(graph);
        int[] depths = DepthsOf(graph);
        int deepest = depths.Max();
        return new ParameterGroups([.. parameters.Trained.Where(entry => !frozen.Contains(owners[entry.Parameter.Name].Name)).Select(entry => new ParameterGroup(
            (int)entry.Offset,
            (int)entry.Parameter.Count,
            Decays(entry.Parameter, recipe.DecayRule) ? recipe.Decay : 0,
            Math.Pow(recipe.LayerDecay, deepest - depths[owners[entry.Parameter.Name].Index]),
            RowLength(entry.Parameter)))]);
    }

    /// <summary>The tensors that adaptive clipping looks at: all that learn but the classifier's.</summary>
    public static ParameterGroups WithoutClassifier(FlatParameters parameters, Graph graph, ParameterGroups groups)
    {
        var owners = OwnersOf(graph);
        var classifier = parameters.Trained.Where(entry => owners[entry.Parameter.Name].Role == NodeRole.Classifier).Select(entry => (int)entry.Offset).ToHashSet();
        return new ParameterGroups([.. groups.Tensors.Where(group => !classifier.Contains(group.Start))]);
    }

    private static bool Decays(Parameter parameter, DecayRule rule) =>
        parameter.IsKernel || (rule == DecayRule.AllButNorms && parameter.Role is ParameterRole.Bias or ParameterRole.Slope);

    private static int RowLength(Parameter parameter) => parameter.IsKernel ? (int)(parameter.Count / parameter.Shape[0]) : 0;

    private static Dictionary<string, Node> OwnersOf(Graph graph) => graph.Nodes
        .SelectMany(node => node.Parameters.Select(parameter => KeyValuePair.Create(parameter.Name, node)))
        .ToDictionary(StringComparer.Ordinal);

    // By node: the stem is 0, block i of the network i + 1, and what comes after the blocks shares one number, as in timm's layer-wise decay.
    private static int[] DepthsOf(Graph graph)
    {
        var depths = new int[graph.Nodes.Length];
        var blocks = new HashSet<NodePlace>();
        foreach (var node in graph.Nodes)
        {
            if (node.Role == NodeRole.Stage) blocks.Add(node.Place);
            depths[node.Index] = node.Role == NodeRole.Stage || blocks.Count == 0 ? blocks.Count : int.MaxValue;
        }

        return [.. depths.Select(depth => Math.Min(depth, blocks.Count + 1))];
    }
}
