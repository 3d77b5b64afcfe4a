using System.Collections.Immutable;
using System.Globalization;
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
        var depths = DepthsOf(graph);
        int deepest = depths.Values.Max();
        return new ParameterGroups([.. parameters.Trained.Where(entry => !frozen.Contains(owners[entry.Parameter.Name])).Select(entry => new ParameterGroup(
            (int)entry.Offset,
            (int)entry.Parameter.Count,
            Decays(entry.Parameter, recipe.DecayRule) ? recipe.Decay : 0,
            Math.Pow(recipe.LayerDecay, deepest - depths[owners[entry.Parameter.Name]]),
            entry.Parameter.IsKernel ? (int)(entry.Parameter.Count / entry.Parameter.Shape[0]) : 0))]);
    }

    /// <summary>The tensors that adaptive clipping looks at: all that learn but the classifier's.</summary>
    public static ParameterGroups WithoutClassifier(FlatParameters parameters, ParameterGroups groups)
    {
        var classifier = parameters.Trained.Where(entry => entry.Parameter.Name.StartsWith("classifier.", StringComparison.Ordinal)).Select(entry => (int)entry.Offset).ToHashSet();
        return new ParameterGroups([.. groups.Tensors.Where(group => !classifier.Contains(group.Start))]);
    }

    private static bool Decays(Parameter parameter, DecayRule rule) =>
        parameter.IsKernel || (rule == DecayRule.AllButNorms && parameter.Role is ParameterRole.Bias or ParameterRole.Slope);

    private static Dictionary<string, string> OwnersOf(Graph graph) => graph.Nodes
        .SelectMany(node => node.Parameters.Select(parameter => KeyValuePair.Create(parameter.Name, node.Name)))
        .ToDictionary(StringComparer.Ordinal);

    // The stem is 0, block i of the network i + 1, and what comes after the blocks shares one number, as in timm's layer-wise decay.
    private static Dictionary<string, int> DepthsOf(Graph graph)
    {
        var depths = new Dictionary<string, int>(StringComparer.Ordinal);
        var blocks = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
        {
            string[] parts = node.Name.Split('.');
            if (parts[0] is "stages" && parts.Length > 2)
            {
                string block = string.Create(CultureInfo.InvariantCulture, $"{parts[1]}.{parts[2]}");
                blocks.TryAdd(block, blocks.Count + 1);
                depths[node.Name] = blocks[block];
            }
            else
            {
                depths[node.Name] = blocks.Count == 0 ? 0 : int.MaxValue;
            }
        }

        foreach (string name in depths.Keys.Where(name => depths[name] == int.MaxValue).ToList()) depths[name] = blocks.Count + 1;
        return depths;
    }
}
