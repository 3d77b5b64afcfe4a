using System.Collections.Immutable;
using EfficientNetSharp.Imaging.Transforms;

namespace EfficientNetSharp.Prediction;

/// <summary>
/// Names the classes of image files: reads a file, transforms the image, runs the network and takes the best classes.
/// </summary>
/// <remarks>
/// Safe for use by many threads at once, as <see cref="IModelRunner"/> is. Do not dispose while a call is under way.
/// </remarks>
public sealed class ImageClassifier : IDisposable
{
    private readonly ImageRows _rows;

    /// <summary>Joins a network, the transform it was trained for and its class names.</summary>
    /// <param name="runner">The network; <see cref="Dispose"/> disposes it.</param>
    /// <param name="transform">The model's preprocessing, without chance.</param>
    /// <param name="classes">Names of the classes in the order of the network's outputs.</param>
    /// <exception cref="ArgumentException">Transform, network and names do not fit each other.</exception>
    public ImageClassifier(IModelRunner runner, IImageTransform transform, IReadOnlyList<string> classes)
    {
        ArgumentNullException.ThrowIfNull(runner);
        ArgumentNullException.ThrowIfNull(classes);
        _rows = new ImageRows(runner, transform);
        if (_rows.RowLength != classes.Count || classes.Count == 0)
            throw new ArgumentException($"The network has {_rows.RowLength} outputs for {classes.Count} class names.", nameof(classes));
        Classes = [.. classes];
    }

    /// <summary>Opens a file.</summary>
    /// <param name="opener">What opens it.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">With which backend and how; <see langword="null"/> for the usual.</param>
    /// <exception cref="InvalidInputException">The file cannot be used or has no classifier; the message says why.</exception>
    public static ImageClassifier Open(ModelOpener opener, string path, OpenOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(opener);
        var network = opener.OpenForImages(path, options);
        try
        {
            network.EnsureClassifier();
            return new ImageClassifier(network.Runner, network.Transform, network.Card.Classes);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>Names of the classes in the order of the network's outputs.</summary>
    public ImmutableArray<string> Classes { get; }

    /// <summary>Classifies an image file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="k">How many classes to name, at least 1; all of them where there are fewer.</param>
    /// <returns>The best classes, best first.</returns>
    /// <exception cref="InvalidInputException">
    /// The file is missing or is no usable image, or the network gives no finite outputs.
    /// </exception>
    public ImmutableArray<ClassPrediction> Classify(string path, int k = 5)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        return Best(_rows.Of(path), path, k);
    }

    /// <summary>Classifies an image held in memory.</summary>
    /// <param name="encoded">The bytes of an image file.</param>
    /// <param name="name">What to call the image in errors.</param>
    /// <param name="k">How many classes to name, at least 1; all of them where there are fewer.</param>
    /// <returns>The best classes, best first.</returns>
    /// <exception cref="InvalidInputException">The bytes are no usable image, or the network gives no finite outputs.</exception>
    public ImmutableArray<ClassPrediction> Classify(ReadOnlySpan<byte> encoded, string name, int k = 5)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        return Best(_rows.Of(encoded, name), name, k);
    }

    /// <summary>
    /// Classifies many files and hands back a result for each, in order, as batches are done; the next batch is decoded while
    /// the network runs. A file that cannot be used gives a result with an error and does not disturb the others.
    /// </summary>
    /// <param name="paths">The files; they are drawn a batch or two ahead.</param>
    /// <param name="batchSize">Images that the network sees at once, at least 1.</param>
    /// <param name="k">How many classes to name, at least 1; all of them where there are fewer.</param>
    /// <param name="cancellationToken">Ends the work between batches with <see cref="OperationCanceledException"/>.</param>
    public IEnumerable<ImageResult> ClassifyMany(
        IEnumerable<string> paths, int batchSize = 16, int k = 5, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        return _rows.OfMany(paths, batchSize, cancellationToken).Select(row => row.Error is { } error
            ? ImageResult.Failure(row.Path, error)
            : TopK.Find(row.Values.Span, Classes, k) is { } found ? ImageResult.Success(row.Path, found)
                : ImageResult.Failure(row.Path, ImageRows.NotFinite(row.Path)));
    }

    /// <summary>Disposes the runner.</summary>
    public void Dispose() => _rows.Dispose();

    private ImmutableArray<ClassPrediction> Best(float[] logits, string name, int k) =>
        TopK.Find(logits, Classes, k) ?? throw new InvalidInputException(ImageRows.NotFinite(name));
}
