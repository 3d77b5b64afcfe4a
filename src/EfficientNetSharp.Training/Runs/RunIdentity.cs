using System.Security.Cryptography;
using MemoryMarshal = System.Runtime.InteropServices.MemoryMarshal;
using EfficientNetSharp.Architectures;
using EfficientNetSharp.Data;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Recipes;

namespace EfficientNetSharp.Training.Runs;

/// <summary>What must be the same for a run to go on.</summary>
/// <param name="Recipe">The recipe as JSON.</param>
/// <param name="Architecture">The network as JSON.</param>
/// <param name="Card">Classes and preprocessing as JSON.</param>
/// <param name="DataFingerprint">Names, sizes and labels of the training images, hashed.</param>
/// <param name="Start">The weights that it started from, hashed; empty for drawn ones.</param>
internal sealed record RunIdentity(string Recipe, string Architecture, string Card, string DataFingerprint, string Start)
{
    /// <summary>A run's.</summary>
    public static RunIdentity Of(TrainingRecipe recipe, Architecture architecture, ModelCard card, IImageDataset images, WeightSet? start) => new(
        RecipeJson.Serialize(recipe), ModelJson.Serialize(architecture), ModelJson.Serialize(card), DatasetFingerprint.Of(images), Hash(start));

    /// <summary>What differs from a run that was begun, in words; <see langword="null"/> where nothing does.</summary>
    public string? DifferenceFrom(RunIdentity before) => before switch
    {
        _ when before.DataFingerprint != DataFingerprint => "its images are others",
        _ when before.Architecture != Architecture => "its architecture is another",
        _ when before.Card != Card => "its classes or preprocessing are others",
        _ when before.Recipe != Recipe => "its recipe is another",
        _ when before.Start != Start => "the weights it started from are others",
        _ => null,
    };

    private static string Hash(WeightSet? weights)
    {
        if (weights is null) return "";
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (_, tensor) in weights.OrderBy(pair => pair.Key, StringComparer.Ordinal)) hash.AppendData(MemoryMarshal.AsBytes<float>(tensor.Values));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
