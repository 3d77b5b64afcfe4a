using System.Collections.Immutable;
using EfficientNetSharp.Models;

namespace EfficientNetSharp.Training.Transfer;

/// <summary>A model that another is made from, as far as the other's card tells of it.</summary>
/// <param name="Name">Its name, as published or its network's.</param>
/// <param name="File">The file that it was read from; <see langword="null"/> for none.</param>
/// <param name="Provenance">What its own card says of where it comes from.</param>
public sealed record ModelOrigin(string Name, SourceFile? File, ImmutableSortedDictionary<string, string> Provenance)
{
    /// <summary>That of a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">The file that it was read from, which is hashed; <see langword="null"/> for none.</param>
    /// <exception cref="InvalidInputException">The file cannot be read.</exception>
    public static ModelOrigin Of(Model model, string? path = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        var provenance = model.Card.Provenance;
        return new ModelOrigin(
            provenance.GetValueOrDefault(ProvenanceKeys.PublishedAs) ?? model.Name, path is null ? null : SourceFile.Of(path), provenance);
    }

    /// <summary>
    /// What the card of the model that is made from it says: all that its own card says, its name, and its file with hash.
    /// </summary>
    /// <param name="prefix">Goes before each key, such as <see cref="ProvenanceKeys.FromPrefix"/>.</param>
    public IEnumerable<KeyValuePair<string, string>> Entries(string prefix)
    {
        var entries = Provenance.SetItem(ProvenanceKeys.Name, Name);
        if (File is not null)
            entries = entries.SetItem(ProvenanceKeys.File, Path.GetFileName(File.Path)).SetItem(ProvenanceKeys.Sha256, File.Sha256);
        return entries.Select(entry => KeyValuePair.Create(prefix + entry.Key, entry.Value));
    }
}
