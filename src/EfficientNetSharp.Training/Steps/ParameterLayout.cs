using System.Collections.Immutable;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Training.Optimizers;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Tasks;
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
    /// <param name="extra">What is trained beside the network.</param>
    public static ParameterGroups GroupsOf(
        FlatParameters parameters, Graph graph, TrainingRecipe recipe, ImmutableHashSet<string> frozen,
        params ImmutableArray<TaskParameter> extra)
    {
        var owners = OwnersOf(graph);
        var extras = extra.ToDictionary(one => one.Parameter.Name, StringComparer.Ordinal);
        int[] depths = DepthsOf(graph);
        int deepest = depths.Max();
        var groups = ImmutableArray.CreateBuilder<ParameterGroup>();
        foreach (var (parameter, offset) in parameters.Trained)
        {
            bool decays;
            double scale;
            if (extras.TryGetValue(parameter.Name, out var own)) (decays, scale) = (own.Decays, own.RateScale);
            else if (owners[parameter.Name] is var owner && !frozen.Contains(owner.Name))
                (decays, scale) = (Decays(parameter, recipe.DecayRule), Math.Pow(recipe.LayerDecay, deepest - depths[owner.Index]));
            else continue;
            groups.Add(new ParameterGroup((int)offset, (int)parameter.Count, decays ? recipe.Decay : 0, scale, RowLength(parameter)));
        }

        return new ParameterGroups(groups.ToImmutable());
    }

    /// <summary>The tensors that adaptive clipping looks at: all of the network's that learn but the classifier's.</summary>
    public static ParameterGroups WithoutClassifier(FlatParameters parameters, Graph graph, ParameterGroups groups)
    {
        var owners = OwnersOf(graph);
        var clipped = parameters.Trained
            .Where(entry => owners.TryGetValue(entry.Parameter.Name, out var owner) && owner.Role != NodeRole.Classifier)
            .Select(entry => (int)entry.Offset).ToHashSet();
        return new ParameterGroups([.. groups.Tensors.Where(group => clipped.Contains(group.Start))]);
    }

    /// <summary>The groups of all tensors but some.</summary>
    /// <param name="parameters">The network's vectors.</param>
    /// <param name="groups">The groups.</param>
    /// <param name="names">Tensors that keep their values.</param>
    public static ParameterGroups Without(FlatParameters parameters, ParameterGroups groups, ImmutableHashSet<string> names)
    {
        var kept = parameters.Trained.Where(entry => names.Contains(entry.Parameter.Name)).Select(entry => (int)entry.Offset).ToHashSet();
        return kept.Count == 0 ? groups : new ParameterGroups([.. groups.Tensors.Where(group => !kept.Contains(group.Start))]);
    }

    private static bool Decays(Parameter parameter, DecayRule rule) =>
        parameter.IsKernel || (rule == DecayRule.AllButNorms && parameter.Role is ParameterRole.Bias or ParameterRole.Slope);

    private static int RowLength(Parameter parameter) => parameter.IsKernel ? (int)(parameter.Count / parameter.Shape[0]) : 0;

    private static Dictionary<string, Node> OwnersOf(Graph graph) => graph.Nodes
        .SelectMany(node => node.Parameters.Select(parameter => KeyValuePair.Create(parameter.Name, node)))
        .ToDictionary(StringComparer.Ordinal);

    // By node: the stem is 0, block i of the network i + 1, and what comes after the blocks shares one number, as in timm's layer-wise
    // decay.
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
