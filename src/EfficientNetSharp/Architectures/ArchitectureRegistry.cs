using System.Collections.Immutable;

namespace EfficientNetSharp.Architectures;

/// <summary>All architectures that have a name.</summary>
public static class ArchitectureRegistry
{
    /// <summary>The architectures, in the order in which they are listed.</summary>
    public static ImmutableArray<Architecture> All { get; } = [.. EfficientNets.All];

    /// <summary>The architecture of the given name; case does not matter, and <c>-</c> stands for <c>_</c>.</summary>
    /// <exception cref="InvalidInputException">There is none; the message names the nearest.</exception>
    public static Architecture Get(string name) =>
        Find(name) ?? throw new InvalidInputException(
            $"There is no architecture '{name}'. The nearest names are {string.Join(", ", Nearest(name))}; 'effnet list' shows all.");

    /// <summary>The architecture of the given name, or <see langword="null"/>.</summary>
    public static Architecture? Find(string name)
    {
        string wanted = Normalize(name);
        return All.FirstOrDefault(architecture => architecture.Name == wanted);
    }

    private static IReadOnlyList<string> Nearest(string name) => NearestNames.Of(Normalize(name), All.Select(architecture => architecture.Name));

    private static string Normalize(string name) => name.Trim().Replace('-', '_').ToLowerInvariant();
}
