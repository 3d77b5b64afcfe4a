using System.Collections.Immutable;
using System.Globalization;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Training.Transfer;

/// <summary>
/// The parts of a network that do not learn, as words with commas between: <c>stem</c>, a stage's number or a range of them as
/// <c>effnet describe</c> shows them (from 0), <c>head</c> for the 1×1 convolution before pooling, and <c>all</c> for everything but
/// the classifier, or the embedding of a network that yields one. <c>stem,0-2</c> freezes the stem and the first three stages.
/// </summary>
public sealed class FreezeRule
{
    // No network here has as many stages.
    private const int MaxStages = 1000;

    private readonly ImmutableArray<NodePlace> _parts;
    private readonly bool _all;

    private FreezeRule(ImmutableArray<NodePlace> parts, bool all) => (_parts, _all) = (parts, all);

    /// <summary>The rule of <c>all</c>, as a linear probe has it.</summary>
    public static FreezeRule AllButClassifier { get; } = new([], true);

    /// <summary>Reads the words.</summary>
    /// <exception cref="InvalidInputException">A word is none of those known.</exception>
    public static FreezeRule Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parts = ImmutableArray.CreateBuilder<NodePlace>();
        bool all = false;
        foreach (string word in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (word is "all") all = true;
            else if (word is "stem") parts.Add(new NodePlace(NodeRole.Stem));
            else if (word is "head") parts.Add(new NodePlace(NodeRole.Head));
            else parts.AddRange(Stages(word));
        }

        return new FreezeRule(parts.ToImmutable(), all);
    }

    /// <summary>Names of the nodes that it freezes.</summary>
    /// <exception cref="InvalidInputException">It names a part that the network has not.</exception>
    public ImmutableHashSet<string> NodesOf(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        foreach (var part in _parts)
        {
            if (!graph.Nodes.Any(node => !node.Parameters.IsEmpty && IsIn(node, part)))
                throw new InvalidInputException(
                    $"There is no part '{NameOf(part)}' in this network to freeze; 'effnet describe' shows its parts.");
        }

        return [.. graph.Nodes.Where(Freezes).Select(node => node.Name)];
    }

    private bool Freezes(Node node) => _all
        ? node.Role is not (NodeRole.Classifier or NodeRole.Embedding)
        : _parts.Any(part => IsIn(node, part));

    private static bool IsIn(Node node, NodePlace part) => node.Role == part.Role && node.Place.Stage == part.Stage;

    private static string NameOf(NodePlace part) => part.Role switch
    {
        NodeRole.Stem => "stem",
        NodeRole.Head => "head",
        _ => string.Create(CultureInfo.InvariantCulture, $"stages.{part.Stage}"),
    };

    private static IEnumerable<NodePlace> Stages(string word)
    {
        string[] ends = word.Split('-');
        if (ends.Length > 2 || !TryParse(ends[0], out int first) || !TryParse(ends[^1], out int last) || last < first)
            throw new InvalidInputException($"--freeze expects words such as stem, 0-2, head or all, found '{word}'.");
        return Enumerable.Range(first, last - first + 1).Select(stage => new NodePlace(NodeRole.Stage, stage));
    }

    private static bool TryParse(string text, out int stage) =>
        NumberText.TryParseDigits(text, out stage) && stage < MaxStages;
}
