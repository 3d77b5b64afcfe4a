using System.Collections.Immutable;
using System.Globalization;
using EfficientNetSharp.Graphs;

namespace EfficientNetSharp.Training.Transfer;

/// <summary>
/// The parts of a network that do not learn, as words with commas between: <c>stem</c>, a stage's number or a range of them as
/// <c>effnet describe</c> shows them (from 0), <c>head</c> for the 1×1 convolution before pooling, and <c>all</c> for everything but
/// the classifier. <c>stem,0-2</c> freezes the stem and the first three stages.
/// </summary>
public sealed class FreezeRule
{
    // No network here has as many stages.
    private const int MaxStages = 1000;

    private readonly ImmutableArray<string> _prefixes;
    private readonly bool _all;

    private FreezeRule(ImmutableArray<string> prefixes, bool all) => (_prefixes, _all) = (prefixes, all);

    /// <summary>The rule of <c>all</c>, as a linear probe has it.</summary>
    public static FreezeRule AllButClassifier { get; } = new([], true);

    /// <summary>Reads the words.</summary>
    /// <exception cref="InvalidInputException">A word is none of those known.</exception>
    public static FreezeRule Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var prefixes = ImmutableArray.CreateBuilder<string>();
        bool all = false;
        foreach (string word in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (word is "all") all = true;
            else if (word is "stem") prefixes.AddRange("stem.", "mixer.");
            else if (word is "head") prefixes.Add("head.");
            else prefixes.AddRange(Stages(word));
        }

        return new FreezeRule(prefixes.ToImmutable(), all);
    }

    /// <summary>Names of the nodes that it freezes.</summary>
    /// <exception cref="InvalidInputException">It names a part that the network has not.</exception>
    public ImmutableHashSet<string> NodesOf(Graph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        foreach (string prefix in _prefixes.Where(prefix => prefix != "mixer."))
        {
            if (!graph.Nodes.Any(node => node.Name.StartsWith(prefix, StringComparison.Ordinal)))
                throw new InvalidInputException($"There is no part '{prefix.TrimEnd('.')}' in this network to freeze; 'effnet describe' shows its parts.");
        }

        return [.. graph.Nodes.Select(node => node.Name).Where(Freezes)];
    }

    private bool Freezes(string name) => _all
        ? !name.StartsWith("classifier", StringComparison.Ordinal) && name != "dropout"
        : _prefixes.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal));

    private static IEnumerable<string> Stages(string word)
    {
        string[] ends = word.Split('-');
        if (ends.Length > 2 || !TryParse(ends[0], out int first) || !TryParse(ends[^1], out int last) || last < first)
            throw new InvalidInputException($"--freeze expects words such as stem, 0-2, head or all, found '{word}'.");
        return Enumerable.Range(first, last - first + 1).Select(stage => string.Create(CultureInfo.InvariantCulture, $"stages.{stage}."));
    }

    private static bool TryParse(string text, out int stage) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out stage) && stage < MaxStages;
}
