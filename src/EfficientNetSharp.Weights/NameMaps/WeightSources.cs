using System.Collections.Immutable;

namespace EfficientNetSharp.Weights.NameMaps;

/// <summary>All sources whose names are known.</summary>
public static class WeightSources
{
    /// <summary>This project's own names.</summary>
    public static NameMap Own { get; } = new OwnNameMap();

    /// <summary>The sources, the most usual first: where two fit a file equally, the first is taken.</summary>
    public static ImmutableArray<NameMap> All { get; } =
    [
        Own, new TorchvisionNameMap(), new TimmNameMap(), new LukemelasNameMap(), new InsightfaceNameMap(), new KerasNameMap(), new TpuNameMap(),
    ];

    /// <summary>The source of the name; case does not matter.</summary>
    /// <exception cref="InvalidInputException">There is none.</exception>
    public static NameMap Get(string name) =>
        All.FirstOrDefault(map => string.Equals(map.Name, name.Trim(), StringComparison.OrdinalIgnoreCase)) ?? throw new InvalidInputException(
            $"There is no weight source '{name}'; the known ones are {string.Join(", ", All.Select(map => map.Name))}.");
}
