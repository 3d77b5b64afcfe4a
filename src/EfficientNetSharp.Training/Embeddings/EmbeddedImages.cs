using System.Collections.Immutable;
using EfficientNetSharp.Data;
using EfficientNetSharp.Data.Loading;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Training.Tasks;

namespace EfficientNetSharp.Training.Embeddings;

/// <summary>The validation images as the network sees them.</summary>
/// <param name="Rows">The embeddings of those that could be read.</param>
/// <param name="Labels">Their identities.</param>
/// <param name="Unreadable">Images that could not be read, of several processes this one's.</param>
internal sealed record EmbeddedImages(EmbeddingRows Rows, int[] Labels, ImmutableArray<BrokenImage> Unreadable)
{
    /// <summary>Embeds all images; each process takes a stretch, and all receive the same.</summary>
    /// <exception cref="InvalidInputException">None can be read, or an embedding is not finite.</exception>
    public static EmbeddedImages Of(ValidationInput input)
    {
        var (images, group) = (input.Images, input.Group);
        int count = images.Count, features = (int)input.Runner.OutputShape.Count;
        int first = (int)((long)count * group.Rank / group.Size), end = (int)((long)count * (group.Rank + 1) / group.Size);
        var rows = new float[checked(count * features)];
        var isThere = new float[count];
        ImmutableArray<BrokenImage> broken = [];
        if (end > first)
        {
            using var loader = new BatchLoader(
                new SubsetDataset(images, [.. Enumerable.Range(first, end - first)]), input.Transform, new BatchLoaderOptions
                {
                    BatchSize = input.Options.BatchSize, Training = false, Workers = input.Options.Workers,
                    BrokenImages = input.Options.BrokenImages,
                });
            var some = new float[Math.Min(input.Options.BatchSize, end - first) * features];
            int done = 0;
            foreach (var batch in loader.Batches(cancellationToken: input.CancellationToken))
            {
                using (batch)
                {
                    var own = some.AsSpan(0, batch.Count * features);
                    input.Runner.Run(batch.Images.Span, batch.Count, own);
                    for (int i = 0; i < batch.Count; i++)
                    {
                        int at = first + batch.Indices[i];
                        own.Slice(i * features, features).CopyTo(rows.AsSpan(at * features));
                        isThere[at] = 1;
                    }

                    done += batch.Count;
                    input.Progress?.Report(new EvaluationProgress(done, end - first));
                }
            }

            broken = [.. loader.BrokenImages.Select(image => image with { Index = first + image.Index }).OrderBy(image => image.Index)];
        }

        if (group.Size > 1)
        {
            group.AllReduceSum(rows.AsSpan());
            group.AllReduceSum(isThere.AsSpan());
        }

        int[] kept = [.. Enumerable.Range(0, count).Where(i => isThere[i] > 0)];
        float[] dense = kept.Length == count ? rows : [.. kept.SelectMany(i => rows[(i * features)..((i + 1) * features)])];
        return new EmbeddedImages(new EmbeddingRows(dense, features), [.. kept.Select(images.LabelOf)], broken);
    }
}
