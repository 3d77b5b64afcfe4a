using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Training.Embeddings;

namespace EfficientNetSharp.Training.Tests.Embeddings;

public sealed class EmbeddingMeasuresTests
{
    // Two identities on two axes, and a third that has one image, which is not asked for.
    [Fact]
    public void Recall_is_the_share_of_images_whose_nearest_other_is_of_their_identity()
    {
        var rows = new EmbeddingRows(new float[] { 2, 0.1f, 1, 0, 0, 3, 0.2f, 1, 0.9f, 1 }, 2);
        Assert.Equal(1, EmbeddingMeasures.RecallAt1Of(rows, [0, 0, 1, 1, 2]));
        Assert.Equal(0, EmbeddingMeasures.RecallAt1Of(rows, [0, 1, 0, 1, 2]));
        Assert.Equal(0, EmbeddingMeasures.RecallAt1Of(rows, [0, 1, 2, 3, 4]));
    }

    // The nearest of equals could be anyone: a network that has collapsed has told nothing apart.
    [Fact]
    public void Embeddings_that_are_all_one_recall_nothing()
    {
        var rows = new EmbeddingRows(Enumerable.Repeat(0.5f, 8).ToArray(), 2);
        Assert.Equal(0, EmbeddingMeasures.RecallAt1Of(rows, [0, 0, 1, 1]));
    }
}
