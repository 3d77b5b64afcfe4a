using System.Collections.Immutable;

namespace EfficientNetSharp.Evaluation.Verification;

/// <summary>
/// Templates: what is known of an identity from several images and videos, as one embedding. The protocol of IJB-B and IJB-C as
/// arcface_torch has it (<c>onnx_ijbc.py</c>).
/// </summary>
public sealed class Templates
{
    private Templates(EmbeddingRows rows, ImmutableArray<long> ids) => (Rows, Ids) = (rows, ids);

    /// <summary>The templates' embeddings, each of length 1.</summary>
    public EmbeddingRows Rows { get; }

    /// <summary>The template that each row is, rising.</summary>
    public ImmutableArray<long> Ids { get; }

    /// <summary>The row of a template.</summary>
    /// <exception cref="InvalidInputException">No image is of it.</exception>
    public int RowOf(long id) => Ids.BinarySearch(id) is var row and >= 0
        ? row
        : throw new InvalidInputException($"Expected images of template {id}, found none; check the list of templates.");

    /// <summary>
    /// Makes templates of images: images of one medium, as frames of a video, are averaged; a template is the sum of its media, scaled to
    /// length 1.
    /// </summary>
    /// <param name="images">
    /// The images' embeddings as the network gives them, summed with those of the mirror images (<see cref="EmbeddingRows.Sum"/>) where
    /// those are used. Their lengths count, as networks give good images longer ones.
    /// </param>
    /// <param name="templates">The template of each image.</param>
    /// <param name="media">The medium of each image.</param>
    /// <param name="weights">What each image is multiplied by, as the detector's score; empty for 1.</param>
    /// <exception cref="ArgumentException">There are not as many templates, media or weights as images.</exception>
    public static Templates Of(
        EmbeddingRows images, ReadOnlySpan<long> templates, ReadOnlySpan<long> media, ReadOnlySpan<float> weights = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        CheckCount(templates.Length, images.Count, nameof(templates));
        CheckCount(media.Length, images.Count, nameof(media));
        if (!weights.IsEmpty) CheckCount(weights.Length, images.Count, nameof(weights));

        long[] mediumOf = media.ToArray(), templateOf = templates.ToArray();
        var groups = Enumerable.Range(0, images.Count).GroupBy(image => templateOf[image]).OrderBy(group => group.Key).ToArray();
        int length = images.Length;
        float[] rows = new float[checked(groups.Length * length)];
        double[] sum = new double[length];
        for (int row = 0; row < groups.Length; row++)
        {
            Array.Clear(sum);
            foreach (var medium in groups[row].GroupBy(image => mediumOf[image]))
            {
                int frames = medium.Count();
                foreach (int image in medium)
                {
                    double weight = (weights.IsEmpty ? 1.0 : weights[image]) / frames;
                    var values = images[image];
                    for (int i = 0; i < length; i++) sum[i] += weight * values[i];
                }
            }

            double norm = Math.Sqrt(sum.Sum(value => value * value));
            if (norm == 0) continue;
            for (int i = 0; i < length; i++) rows[(row * length) + i] = (float)(sum[i] / norm);
        }

        return new Templates(new EmbeddingRows(rows, length), [.. groups.Select(group => group.Key)]);
    }

    private static void CheckCount(int count, int images, string name)
    {
        if (count != images) throw new ArgumentException($"{images} values are expected, one per image, not {count}.", name);
    }
}
