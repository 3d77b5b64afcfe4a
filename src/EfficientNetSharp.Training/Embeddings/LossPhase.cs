using EfficientNetSharp.Training.Recipes;

namespace EfficientNetSharp.Training.Embeddings;

/// <summary>
/// What of the loss is on: EfficientNets hardly start with a full margin from drawn weights, so a run may begin with softmax, CosFace, a
/// growing margin, one behind the other.
/// </summary>
/// <param name="IsSoftmax">Whether it is a plain softmax yet.</param>
/// <param name="IsCosFace">Whether it is CosFace yet.</param>
/// <param name="MarginShare">Share of the margin, 0…1.</param>
/// <param name="UsesMemory">Whether embeddings of earlier batches count.</param>
internal readonly record struct LossPhase(bool IsSoftmax, bool IsCosFace, double MarginShare, bool UsesMemory)
{
    /// <summary>All is on.</summary>
    public static LossPhase Settled { get; } = new(false, false, 1, true);

    /// <summary>The phase at a moment of a run.</summary>
    /// <param name="options">The epochs of each.</param>
    /// <param name="epoch">Epochs since the beginning, with their fraction.</param>
    public static LossPhase At(EmbeddingOptions options, double epoch)
    {
        double cosFace = options.SoftmaxEpochs + options.CosFaceEpochs, into = epoch - cosFace;
        return new LossPhase(
            epoch < options.SoftmaxEpochs,
            epoch >= options.SoftmaxEpochs && into < 0,
            options.MarginWarmUpEpochs <= 0 ? 1 : Math.Clamp(into / options.MarginWarmUpEpochs, 0, 1),
            epoch >= options.MemoryWarmUpEpochs);
    }
}
