using System.Collections.Immutable;
using System.Runtime.InteropServices;
using EfficientNetSharp.Imaging.Transforms;

namespace EfficientNetSharp.Prediction;

/// <summary>
/// Embeddings of image files: reads a file, transforms the image, runs the network and takes its row, which images of the same kind
/// have close together.
/// </summary>
/// <remarks>Safe for use by many threads at once, as <see cref="ImageClassifier"/> is. Do not dispose while a call is under way.</remarks>
public sealed class ImageEmbedder : IDisposable
{
    private readonly ImageRows _rows;
    private readonly bool _normalize;

    /// <summary>Joins a network and the transform it was trained for.</summary>
    /// <param name="runner">The network, whose result is the embedding; <see cref="Dispose"/> disposes it.</param>
    /// <param name="transform">The model's preprocessing, without chance.</param>
    /// <param name="normalize">Whether rows are scaled to length 1, so that the sum of products of two is their cosine.</param>
    /// <exception cref="ArgumentException">Transform and network do not fit each other.</exception>
    public ImageEmbedder(IModelRunner runner, IImageTransform transform, bool normalize = false)
    {
        _rows = new ImageRows(runner, transform);
        _normalize = normalize;
    }

    /// <summary>Opens a file: a network with an embedding for its result, a classifier for the row that its last layer takes.</summary>
    /// <param name="opener">What opens it.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">
    /// With which backend and how; <see langword="null"/> for the usual. <see cref="OpenOptions.Features"/> is left aside.
    /// </param>
    /// <param name="normalize">Whether rows are scaled to length 1, so that the sum of products of two is their cosine.</param>
    /// <exception cref="InvalidInputException">The file cannot be used, or its embedding is not known; the message says why.</exception>
    public static ImageEmbedder Open(ModelOpener opener, string path, OpenOptions? options = null, bool normalize = false)
    {
        ArgumentNullException.ThrowIfNull(opener);
        var network = opener.OpenForImages(path, (options ?? new OpenOptions()) with { Features = FeatureSelection.Pooled });
        return new ImageEmbedder(network.Runner, network.Transform, normalize);
    }

    /// <summary>Values of an embedding.</summary>
    public int Length => _rows.RowLength;

    /// <summary>The embedding of an image file.</summary>
    /// <exception cref="InvalidInputException">
    /// The file is missing or is no usable image, or the network gives no finite outputs.
    /// </exception>
    public ImmutableArray<float> Embed(string path) => Finish(_rows.Of(path)) ?? throw new InvalidInputException(ImageRows.NotFinite(path));

    /// <summary>The embedding of an image held in memory.</summary>
    /// <param name="encoded">The bytes of an image file.</param>
    /// <param name="name">What to call the image in errors.</param>
    /// <exception cref="InvalidInputException">The bytes are no usable image, or the network gives no finite outputs.</exception>
    public ImmutableArray<float> Embed(ReadOnlySpan<byte> encoded, string name) =>
        Finish(_rows.Of(encoded, name)) ?? throw new InvalidInputException(ImageRows.NotFinite(name));

    /// <summary>
    /// The embeddings of many files, in order, as batches are done. A file that cannot be used gives a result with an error and does not
    /// disturb the others.
    /// </summary>
    /// <param name="paths">The files; they are drawn a batch or two ahead.</param>
    /// <param name="batchSize">Images that the network sees at once, at least 1.</param>
    /// <param name="cancellationToken">Ends the work between batches with <see cref="OperationCanceledException"/>.</param>
    public IEnumerable<ImageEmbedding> EmbedMany(IEnumerable<string> paths, int batchSize = 16,
        CancellationToken cancellationToken = default) =>
        _rows.OfMany(paths, batchSize, cancellationToken).Select(row => row.Error is { } error
            ? new ImageEmbedding(row.Path, [], error)
            : Finish(row.Values.Span) is { } values ? new ImageEmbedding(row.Path, values, null)
                : new ImageEmbedding(row.Path, [], ImageRows.NotFinite(row.Path)));

    /// <summary>Disposes the runner.</summary>
    public void Dispose() => _rows.Dispose();

    // A row of zeros has no direction and stays as it is.
    private ImmutableArray<float>? Finish(ReadOnlySpan<float> row)
    {
        double squares = 0;
        foreach (float value in row) squares += (double)value * value;
        if (!double.IsFinite(squares)) return null;
        var values = row.ToArray();
        if (_normalize && squares > 0)
        {
            double factor = 1 / Math.Sqrt(squares);
            for (int i = 0; i < values.Length; i++) values[i] = (float)(values[i] * factor);
        }

        return ImmutableCollectionsMarshal.AsImmutableArray(values);
    }
}

/// <summary>An image file's embedding, or why it has none.</summary>
/// <param name="Path">The file.</param>
/// <param name="Values">The embedding; empty where there is an error.</param>
/// <param name="Error">What is wrong with the file; <see langword="null"/> where nothing is.</param>
public sealed record ImageEmbedding(string Path, ImmutableArray<float> Values, string? Error);
