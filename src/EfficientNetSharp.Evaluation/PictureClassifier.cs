using System.Collections.Immutable;
using EfficientNetSharp.Imaging;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Evaluation;

/// <summary>
/// Names the classes of picture files: reads a file, transforms the picture, runs the network and takes the best classes.
/// </summary>
/// <remarks>
/// Safe for use by many threads at once: pictures are decoded in parallel, and the network runs for one caller at a time,
/// because a runner need not allow more. To run networks side by side, make a classifier with a runner for each.
/// Do not dispose while a call is under way.
/// </remarks>
public sealed class PictureClassifier : IDisposable
{
    private readonly IModelRunner _runner;
    private readonly IPictureTransform _transform;
    private readonly Lock _running = new();
    private readonly int _pictureLength;

    /// <summary>Joins a network, the transform it was trained for and its class names.</summary>
    /// <param name="runner">The network; <see cref="Dispose"/> disposes it.</param>
    /// <param name="transform">The model's preprocessing, without chance.</param>
    /// <param name="classes">Names of the classes in the order of the network's outputs.</param>
    /// <exception cref="ArgumentException">Transform, network and names do not fit each other.</exception>
    public PictureClassifier(IModelRunner runner, IPictureTransform transform, IReadOnlyList<string> classes)
    {
        ArgumentNullException.ThrowIfNull(runner);
        ArgumentNullException.ThrowIfNull(transform);
        ArgumentNullException.ThrowIfNull(classes);
        if (transform.OutputShape != runner.InputShape)
            throw new ArgumentException($"The transform makes {transform.OutputShape}, the network takes {runner.InputShape}.", nameof(transform));
        if (runner.OutputShape.Count != classes.Count || classes.Count == 0)
            throw new ArgumentException($"The network has {runner.OutputShape.Count} outputs for {classes.Count} class names.", nameof(classes));

        _runner = runner;
        _transform = transform;
        _pictureLength = checked((int)runner.InputShape.Count);
        Classes = [.. classes];
    }

    /// <summary>Names of the classes in the order of the network's outputs.</summary>
    public ImmutableArray<string> Classes { get; }

    /// <summary>Classifies a picture file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="k">How many classes to name, at least 1; all of them where there are fewer.</param>
    /// <returns>The best classes, best first.</returns>
    /// <exception cref="InvalidInputException">The file is missing or is no usable picture, or the network gives no finite outputs.</exception>
    public ImmutableArray<Prediction> Classify(string path, int k = 5)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Classify(ReadFile(path), path, k);
    }

    /// <summary>Classifies a picture held in memory.</summary>
    /// <param name="encoded">The bytes of a picture file.</param>
    /// <param name="name">What to call the picture in errors.</param>
    /// <param name="k">How many classes to name, at least 1; all of them where there are fewer.</param>
    /// <returns>The best classes, best first.</returns>
    /// <exception cref="InvalidInputException">The bytes are no usable picture, or the network gives no finite outputs.</exception>
    public ImmutableArray<Prediction> Classify(ReadOnlySpan<byte> encoded, string name, int k = 5)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        float[] input = new float[_pictureLength];
        Transform(encoded, name, input);
        float[] logits = Run(input, 1);
        return TopK.Find(logits, Classes, k) ?? throw new InvalidInputException(NotFinite(name));
    }

    /// <summary>
    /// Classifies many files and hands back a result for each, in order, as batches are done; the next batch is decoded while
    /// the network runs. A file that cannot be used gives a result with an error and does not disturb the others.
    /// </summary>
    /// <param name="paths">The files; they are drawn a batch or two ahead.</param>
    /// <param name="batchSize">Pictures that the network sees at once, at least 1.</param>
    /// <param name="k">How many classes to name, at least 1; all of them where there are fewer.</param>
    /// <param name="cancellationToken">Ends the work between batches with <see cref="OperationCanceledException"/>.</param>
    public IEnumerable<PictureResult> ClassifyMany(
        IEnumerable<string> paths, int batchSize = 16, int k = 5, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(batchSize, Array.MaxLength / Math.Max(_pictureLength, Classes.Length));
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        return Stream(paths, batchSize, k, cancellationToken);
    }

    /// <summary>Disposes the runner.</summary>
    public void Dispose() => _runner.Dispose();

    private IEnumerable<PictureResult> Stream(IEnumerable<string> paths, int batchSize, int k, CancellationToken cancellationToken)
    {
        using var batches = paths.Chunk(batchSize).GetEnumerator();
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // Two buffers: one is with the network while the other is filled.
        float[] filling = [], running = [];
        Task<PictureBatch>? next = Begin();
        try
        {
            while (next is not null)
            {
                var batch = next.GetAwaiter().GetResult();
                (running, filling) = (filling, running);
                next = Begin();
                foreach (var result in Run(batch, k)) yield return result;
            }
        }
        finally
        {
            // A caller who stops early leaves a batch being decoded; nothing may still write when the iterator is gone.
            stopping.Cancel();
            if (next is not null) Task.WhenAny(next).GetAwaiter().GetResult();
        }

        Task<PictureBatch>? Begin()
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!batches.MoveNext()) return null;
            string[] chunk = batches.Current;
            if (filling.Length < chunk.Length * _pictureLength) filling = new float[chunk.Length * _pictureLength];
            float[] buffer = filling;
            return Task.Run(() => Decode(chunk, buffer, stopping.Token), CancellationToken.None);
        }
    }

    private PictureBatch Decode(string[] paths, float[] buffer, CancellationToken cancellationToken)
    {
        string?[] errors = new string?[paths.Length];
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(0, paths.Length, options, i =>
        {
            try
            {
                Transform(ReadFile(paths[i]), paths[i], buffer.AsSpan(i * _pictureLength, _pictureLength));
            }
            catch (InvalidInputException exception)
            {
                errors[i] = exception.Message;
            }
        });
        return new PictureBatch(paths, errors, buffer);
    }

    private PictureResult[] Run(PictureBatch batch, int k)
    {
        // Good pictures move up over broken ones, so that the network sees no gaps.
        int good = 0;
        for (int i = 0; i < batch.Paths.Length; i++)
        {
            if (batch.Errors[i] is not null) continue;
            if (good != i) batch.Input.AsSpan(i * _pictureLength, _pictureLength).CopyTo(batch.Input.AsSpan(good * _pictureLength));
            good++;
        }

        float[] logits = good == 0 ? [] : Run(batch.Input.AsSpan(0, good * _pictureLength), good);
        var results = new PictureResult[batch.Paths.Length];
        for (int i = 0, row = 0; i < results.Length; i++)
        {
            string path = batch.Paths[i];
            if (batch.Errors[i] is { } error)
            {
                results[i] = PictureResult.Failure(path, error);
                continue;
            }

            var predictions = TopK.Find(logits.AsSpan(row++ * Classes.Length, Classes.Length), Classes, k);
            results[i] = predictions is { } found ? PictureResult.Success(path, found) : PictureResult.Failure(path, NotFinite(path));
        }

        return results;
    }

    private float[] Run(ReadOnlySpan<float> input, int batch)
    {
        float[] logits = new float[batch * Classes.Length];
        lock (_running) _runner.Run(input, batch, logits);
        return logits;
    }

    private void Transform(ReadOnlySpan<byte> encoded, string name, Span<float> destination)
    {
        // The transform has no chance in it; the stream is named all the same, so that one with chance would still repeat itself.
        var random = new SeededRandom(0);
        _transform.Apply(encoded, name, ref random, destination);
    }

    private static byte[] ReadFile(string path)
    {
        if (Directory.Exists(path))
            throw new InvalidInputException($"Expected a picture file, found the folder '{path}'; name the files in it.");
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or ArgumentException)
        {
            throw new InvalidInputException($"Expected a picture file, found nothing at '{path}'; check the path.", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new InvalidInputException(
                $"Expected a readable picture file at '{path}', found that it cannot be read ({exception.Message}); check its permissions.", exception);
        }
    }

    private static string NotFinite(string name) =>
        $"Expected finite outputs of the network for '{name}', found NaN or infinity; check its weights, for example with another backend.";

    /// <summary>Decoded pictures [N,C,H,W]; where there is an error the picture's values mean nothing.</summary>
    private sealed record PictureBatch(string[] Paths, string?[] Errors, float[] Input);
}
