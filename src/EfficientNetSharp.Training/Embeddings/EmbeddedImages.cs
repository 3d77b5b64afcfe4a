using System.Collections.Immutable;
using EfficientNetSharp.Data;
using EfficientNetSharp.Data.Loading;
using EfficientNetSharp.Evaluation;
using EfficientNetSharp.Training.Tasks;

namespace EfficientNetSharp.Training.Embeddings;

/// <summary>Images as the network sees them.</summary>
/// <param name="Rows">The embeddings of those that could be read.</param>
/// <param name="Mirrored">Those of their mirror images; <see langword="null"/> where they were not asked for.</param>
/// <param name="Kept">The images that could be read, by number.</param>
/// <param name="Labels">Their identities.</param>
/// <param name="Unreadable">Images that could not be read, of several processes this one's.</param>
internal sealed record EmbeddedImages(
    EmbeddingRows Rows, EmbeddingRows? Mirrored, int[] Kept, int[] Labels, ImmutableArray<BrokenImage> Unreadable)
{
    /// <summary>Embeds all images; each process takes a stretch, and all receive the same.</summary>
    /// <exception cref="InvalidInputException">None can be read, or an embedding is not finite.</exception>
    /// <param name="input">What the network is judged with.</param>
    /// <param name="images">The images.</param>
    /// <param name="mirrored">Whether their mirror images are wanted too.</param>
    public static EmbeddedImages Of(ValidationInput input, IImageDataset images, bool mirrored = false)
    {
        var group = input.Group;
        int count = images.Count, features = (int)input.Runner.OutputShape.Count;
        int first = (int)((long)count * group.Rank / group.Size), end = (int)((long)count * (group.Rank + 1) / group.Size);
        var rows = new float[checked(count * features)];
        var mirrors = mirrored ? new float[rows.Length] : [];
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
                    Embed(batch, batch.Images.Span, rows);
                    if (mirrored) Embed(batch, MirrorOf(batch.Images.Span, input.Runner.InputShape.Width), mirrors);
                    for (int i = 0; i < batch.Count; i++) isThere[first + batch.Indices[i]] = 1;

                    done += batch.Count;
                    input.Progress?.Report(new EvaluationProgress(done, end - first));
                }
            }

            void Embed(Batch batch, ReadOnlySpan<float> pixels, float[] into)
            {
                var own = some.AsSpan(0, batch.Count * features);
                input.Runner.Run(pixels, batch.Count, own);
                for (int i = 0; i < batch.Count; i++)
                    own.Slice(i * features, features).CopyTo(into.AsSpan((first + batch.Indices[i]) * features));
            }

            broken = [.. loader.BrokenImages.Select(image => image with { Index = first + image.Index }).OrderBy(image => image.Index)];
        }

        if (group.Size > 1)
        {
            group.AllReduceSum(rows.AsSpan());
            if (mirrored) group.AllReduceSum(mirrors.AsSpan());
            group.AllReduceSum(isThere.AsSpan());
        }

        int[] kept = [.. Enumerable.Range(0, count).Where(i => isThere[i] > 0)];
        return new EmbeddedImages(
            Dense(rows), mirrored ? Dense(mirrors) : null, kept, [.. kept.Select(images.LabelOf)], broken);

        EmbeddingRows Dense(float[] all) => new(
            kept.Length == count ? all : kept.SelectMany(i => all[(i * features)..((i + 1) * features)]).ToArray(), features);
    }

    private static float[] MirrorOf(ReadOnlySpan<float> images, int width)
    {
        float[] mirror = images.ToArray();
        for (int row = 0; row < mirror.Length; row += width) mirror.AsSpan(row, width).Reverse();
        return mirror;
    }
}
