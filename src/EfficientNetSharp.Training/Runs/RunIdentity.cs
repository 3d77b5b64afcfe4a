using EfficientNetSharp.Files;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Recipes;
using EfficientNetSharp.Training.Transfer;

namespace EfficientNetSharp.Training.Runs;

/// <summary>What must be the same for a run to go on.</summary>
/// <param name="Task">The task and its settings.</param>
/// <param name="Recipe">The recipe as JSON.</param>
/// <param name="Network">The network as JSON.</param>
/// <param name="Card">Classes and preprocessing as JSON.</param>
/// <param name="DataFingerprint">Names, sizes and labels of the training images, hashed.</param>
/// <param name="Start">The weights that it started from, hashed; empty for drawn ones.</param>
internal sealed record RunIdentity(string Task, string Recipe, string Network, string Card, string DataFingerprint, string Start)
{
    /// <summary>A run's.</summary>
    public static RunIdentity Of(
        string task, TrainingRecipe recipe, NetworkDefinition network, ModelCard card, string dataFingerprint, WeightSet? start) => new(
        task, RecipeJson.Serialize(recipe), network.Serialize(), ModelJson.Serialize(card), dataFingerprint,
        start is null ? "" : WeightFingerprint.Of(start));

    /// <summary>What differs from a run that was begun, in words, with both values; <see langword="null"/> where nothing does.</summary>
    public string? DifferenceFrom(RunIdentity before) => before switch
    {
        _ when before.DataFingerprint != DataFingerprint =>
            $"its images are others (hashed, they were {Short(before.DataFingerprint)} and are {Short(DataFingerprint)} now)",
        _ when before.Network != Network => $"its network is another: {JsonDifference.Between(before.Network, Network)}",
        _ when before.Card != Card => $"its classes or preprocessing are others: {JsonDifference.Between(before.Card, Card)}",
        _ when before.Recipe != Recipe => $"its recipe is another: {JsonDifference.Between(before.Recipe, Recipe)}",
        _ when before.Start != Start =>
            $"the weights it started from are others: they were {Weights(before.Start)} and are {Weights(Start)} now",
        _ when before.Task != Task =>
            $"what it is trained for, or its teacher, is another: {OneLine.Clean(before.Task, 80)} before, {OneLine.Clean(Task, 80)} now",
        _ => null,
    };

    // Enough of a hash to tell two apart.
    private static string Short(string hash) => OneLine.Clean(hash, 12);

    private static string Weights(string hash) => hash.Length == 0 ? "drawn" : $"trained ones ({Short(hash)})";
}
