using EfficientNetSharp.Data;
using EfficientNetSharp.Models;
using EfficientNetSharp.Training.Recipes;

namespace EfficientNetSharp.Training.Tasks;

/// <summary>The parts of a run that a task may look at.</summary>
/// <param name="Network">The network.</param>
/// <param name="Data">The images.</param>
/// <param name="Preprocessing">What is done to an image when the network is judged and used.</param>
/// <param name="Recipe">How it is trained.</param>
internal sealed record TaskContext(NetworkDefinition Network, DatasetSplits Data, Preprocessing Preprocessing, TrainingRecipe Recipe)
{
    /// <summary>Processes that train together.</summary>
    public int Processes { get; init; } = 1;

    /// <summary>This process among them, from 0.</summary>
    public int Rank { get; init; }
}
