using EfficientNetSharp.Files;
using EfficientNetSharp.Imaging.Transforms;
using EfficientNetSharp.Randomness;

namespace EfficientNetSharp.Prediction;

/// <summary>What a network yields for an image file: a row of values, or why there is none.</summary>
internal readonly record struct ImageRow(string Path, ReadOnlyMemory<float> Values, string? Error);

/// <summary>
/// From image files to a network's rows: files are read and transformed in parallel while the network runs on those before. Images may
/// come from many threads at once, as runners take them.
/// </summary>
internal sealed class ImageRows : IDisposable
{
    private readonly IModelRunner _runner;
    private readonly IImageTransform _transform;
    private readonly int _imageLength;

    /// <summary>Joins a network, which is disposed with this, and its transform.</summary>
    /// <exception cref="ArgumentException">They do not fit each other.</exception>
    public ImageRows(IModelRunner runner, IImageTransform transform)
    {
        ArgumentNullException.ThrowIfNull(runner);
        ArgumentNullException.ThrowIfNull(transform);
        if (transform.OutputShape != runner.InputShape)
            throw new ArgumentException($"The transform makes {transform.OutputShape}, the network takes {runner.InputShape}.",
                nameof(transform));
        _runner = runner;
        _transform = transform;
        _imageLength = checked((int)runner.InputShape.Count);
        RowLength = checked((int)runner.OutputShape.Count);
    }

    /// <summary>Values of a row.</summary>
    public int RowLength { get; }

    /// <summary>The row of an image file.</summary>
    /// <exception cref="InvalidInputException">The file is missing or is no usable image.</exception>
    public float[] Of(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Of(InputFile.ReadAllBytes(path), path);
    }

    /// <summary>The row of an image held in memory.</summary>
    /// <exception cref="InvalidInputException">The bytes are no usable image.</exception>
    public float[] Of(ReadOnlySpan<byte> encoded, string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        float[] input = new float[_imageLength];
        Transform(encoded, name, input);
        return Run(input, 1);
    }

    /// <summary>The rows of many files, in order, as batches are done; a file that cannot be used does not disturb the others.</summary>
    public IEnumerable<ImageRow> OfMany(IEnumerable<string> paths, int batchSize, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(paths);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(batchSize, Array.MaxLength / Math.Max(_imageLength, RowLength));
        return Stream(paths, batchSize, cancellationToken);
    }

    /// <summary>What is wrong with a row that is not finite.</summary>
    public static string NotFinite(string name) =>
        $"Expected finite outputs of the network for '{name}', found NaN or infinity; check its weights, for example with another backend.";

    /// <summary>Disposes the runner.</summary>
    public void Dispose() => _runner.Dispose();

    private IEnumerable<ImageRow> Stream(IEnumerable<string> paths, int batchSize, CancellationToken cancellationToken)
    {
        using var batches = paths.Chunk(batchSize).GetEnumerator();
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        // Two buffers: one is with the network while the other is filled.
        float[] filling = [], running = [];
        Task<ImageBatch>? next = Begin();
        try
        {
            while (next is not null)
            {
                var batch = next.GetAwaiter().GetResult();
                (running, filling) = (filling, running);
                next = Begin();
                foreach (var row in Run(batch)) yield return row;
            }
        }
        finally
        {
            // A caller who stops early leaves a batch being decoded; nothing may still write when the iterator is gone.
            stopping.Cancel();
            if (next is not null) Task.WhenAny(next).GetAwaiter().GetResult();
        }

        Task<ImageBatch>? Begin()
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!batches.MoveNext()) return null;
            string[] chunk = batches.Current;
            if (filling.Length < chunk.Length * _imageLength) filling = new float[chunk.Length * _imageLength];
            float[] buffer = filling;
            return Task.Run(() => Decode(chunk, buffer, stopping.Token), CancellationToken.None);
        }
    }

    private ImageBatch Decode(string[] paths, float[] buffer, CancellationToken cancellationToken)
    {
        string?[] errors = new string?[paths.Length];
        var options = new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(0, paths.Length, options, i =>
        {
            try
            {
                Transform(InputFile.ReadAllBytes(paths[i]), paths[i], buffer.AsSpan(i * _imageLength, _imageLength));
            }
            catch (InvalidInputException exception)
            {
                errors[i] = exception.Message;
            }
        });
        return new ImageBatch(paths, errors, buffer);
    }

    private ImageRow[] Run(ImageBatch batch)
    {
        // Good images move up over broken ones, so that the network sees no gaps.
        int good = 0;
        for (int i = 0; i < batch.Paths.Length; i++)
        {
            if (batch.Errors[i] is not null) continue;
            if (good != i) batch.Input.AsSpan(i * _imageLength, _imageLength).CopyTo(batch.Input.AsSpan(good * _imageLength));
            good++;
        }

        float[] values = good == 0 ? [] : Run(batch.Input.AsSpan(0, good * _imageLength), good);
        var rows = new ImageRow[batch.Paths.Length];
        for (int i = 0, row = 0; i < rows.Length; i++)
        {
            rows[i] = batch.Errors[i] is { } error
                ? new ImageRow(batch.Paths[i], default, error)
                : new ImageRow(batch.Paths[i], values.AsMemory(row++ * RowLength, RowLength), null);
        }

        return rows;
    }

    private float[] Run(ReadOnlySpan<float> input, int batch)
    {
        float[] rows = new float[batch * RowLength];
        _runner.Run(input, batch, rows);
        return rows;
    }

    private void Transform(ReadOnlySpan<byte> encoded, string name, Span<float> destination)
    {
        // The transform has no chance in it; the stream is named all the same, so that one with chance would still repeat itself.
        var random = new SeededRandom(0);
        _transform.Apply(encoded, name, ref random, destination);
    }

    /// <summary>Decoded images [N,C,H,W]; where there is an error the image's values mean nothing.</summary>
    private sealed record ImageBatch(string[] Paths, string?[] Errors, float[] Input);
}
