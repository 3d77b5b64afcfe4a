using System.Collections.Immutable;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Graphs;
using EfficientNetSharp.Weights.NameMaps;

namespace EfficientNetSharp.Weights.Importing;

/// <summary>A network as it was found in a file: under whose names, and where.</summary>
/// <param name="Source">Whose names.</param>
/// <param name="Architecture">The network as that source runs it.</param>
internal sealed record FittedBody(NameMap Source, Architecture Architecture)
{
    /// <summary>What stands before all of its names, ends in a dot or is empty; sources of TensorFlow find theirs themselves.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>
    /// What its outermost modules are called where they were taken out of the network: by their numbers in a Sequential, or by nothing.
    /// </summary>
    public ImmutableDictionary<string, string> Renamed { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Share of the kernels that are there by name; decides between sources where none fits wholly.</summary>
    public double Share { get; init; }

    /// <summary>Whether all kernels are there with their shapes, but for the ends, whose channels and classes are the file's own.</summary>
    public bool IsWhole { get; init; }

    /// <summary>
    /// Rows and columns of the images that its kernels fit, where the file says another size than the table's; see <see cref="StatedEmbedding"/>.
    /// </summary>
    public (int Height, int Width)? Input { get; init; }

    /// <summary>The network's graph as it is in the file.</summary>
    public Graph Build(int channels = 3, int classes = 1000) => Architecture.Build(new BuildOptions
    {
        InputChannels = channels, Classes = classes, Height = Input?.Height, Width = Input?.Width,
    });

    /// <summary>Whether its batch normalisations have an epsilon.</summary>
    public bool HasEpsilon(double epsilon) => Math.Abs(Architecture.Normalization.Epsilon - epsilon) < 1e-3 * epsilon;

    /// <summary>What each parameter of a graph is called in the file.</summary>
    public ImmutableArray<MappedParameter> Map(Graph graph, IReadOnlySet<string> names) =>
        Place(Source.Map(Architecture, graph, names));

    /// <summary>A source's names as they are in the file.</summary>
    public ImmutableArray<MappedParameter> Place(ImmutableArray<MappedParameter> mapped) => Prefix.Length == 0 && Renamed.IsEmpty
        ? mapped
        : [.. mapped.Select(parameter => parameter with { SourceName = Prefix + Rename(parameter.SourceName) })];

    private string Rename(string name)
    {
        string top = ModuleName.Top(name);
        if (!Renamed.TryGetValue(top, out string? other)) return name;
        string rest = name[(top.Length + 1)..];
        return other.Length == 0 ? rest : $"{other}.{rest}";
    }
}
