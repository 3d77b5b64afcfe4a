using System.Collections.Immutable;
using EfficientNetSharp.Architectures;

namespace EfficientNetSharp.Weights.Downloads;

/// <summary>All weight files that have a name here, and how a name that a person typed is understood.</summary>
public static class PublishedWeightsTable
{
    /// <summary>The rows, source by source.</summary>
    public static ImmutableArray<PublishedWeights> All { get; } =
        [.. TorchvisionWeights.All, .. TimmWeights.All, .. TpuWeights.All, .. LukemelasWeights.All, .. KerasWeights.All];

    /// <summary>Finds what a name stands for, the one to take first: of those for the network's own resolution that of the highest published accuracy.</summary>
    /// <param name="name">
    /// Case does not matter. Either a row's name; or that without its source; or a model of a source without the tag
    /// (<c>torchvision/resnet50</c>); or an architecture, where <c>-</c> stands for <c>_</c>. All but the first may give several rows.
    /// </param>
    /// <exception cref="InvalidInputException">Nothing is called so; the message names the nearest.</exception>
    public static ImmutableArray<PublishedWeights> Find(string name)
    {
        var found = TryFind(name);
        return found.IsEmpty ? throw Unknown(name.Trim()) : found;
    }

    /// <summary>As <see cref="Find"/>; none where nothing is called so.</summary>
    /// <param name="name">As for <see cref="Find"/>.</param>
    public static ImmutableArray<PublishedWeights> TryFind(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        string wanted = name.Trim();
        Func<PublishedWeights, string>[] ways = [row => row.Name, row => row.ShortName, row => row.Untagged];
        foreach (var way in ways)
        {
            var found = BestFirst(row => Same(way(row), wanted));
            if (found.Length > 0) return found;
        }

        return ForArchitecture(wanted);
    }

    /// <summary>The weights for an architecture, ordered as by <see cref="Find"/>; none where none are published.</summary>
    public static ImmutableArray<PublishedWeights> ForArchitecture(string architecture) =>
        BestFirst(row => Same(Registered(row.Architecture), Registered(architecture)));

    // Larger images cost more than the network's name says. The order of rows stays where accuracies are equal or not published.
    private static ImmutableArray<PublishedWeights> BestFirst(Func<PublishedWeights, bool> choose) =>
    [
        .. All.Where(choose).OrderByDescending(row => row.Resolution <= ArchitectureRegistry.Find(row.Architecture)?.Resolution)
            .ThenByDescending(row => row.Top1 ?? double.NegativeInfinity),
    ];

    // An architecture may have several names.
    private static string Registered(string architecture) => ArchitectureRegistry.Find(architecture)?.Name ?? architecture;

    /// <summary>
    /// The row whose file lies at a path: one under its address's host and path, as the cache keeps it, or with a file name that is one
    /// row's alone. <see langword="null"/> where the path says nothing.
    /// </summary>
    public static PublishedWeights? OfFile(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        string whole = Path.GetFullPath(path).Replace(Path.DirectorySeparatorChar, '/');
        if (All.FirstOrDefault(
            row => whole.EndsWith($"/{row.Url.Host}{row.Url.AbsolutePath}",
            StringComparison.OrdinalIgnoreCase)) is { } cached) return cached;
        var named = All.Where(row => string.Equals(row.FileName, Path.GetFileName(path), StringComparison.OrdinalIgnoreCase)).Take(2)
            .ToList();
        return named.Count == 1 ? named[0] : null;
    }

    private static bool Same(string known, string wanted) => string.Equals(known, wanted, StringComparison.OrdinalIgnoreCase);

    private static InvalidInputException Unknown(string wanted)
    {
        // A name with its source is far from one without, so each is compared with its like.
        var known = All.Select(row => wanted.Contains('/', StringComparison.Ordinal) ? row.Name : row.ShortName).Distinct();
        var nearest = NearestNames.Of(wanted.ToUpperInvariant(), known.Select(name => name.ToUpperInvariant()));
        var spelled = nearest.Select(upper => All.SelectMany(row => new[] { row.Name, row.ShortName }).First(name => Same(name, upper)));
        return new InvalidInputException(
            $"No weights are called {Files.OneLine.Quote(wanted)}. The nearest names are {string.Join(", ", spelled)}; 'effnet download --list' shows all.");
    }
}
