using System.Collections.Immutable;
using System.Security.Cryptography;
using EfficientNetSharp.Imaging;
using EfficientNetSharp.Imaging.Codecs;
using EfficientNetSharp.Models;
using EfficientNetSharp.Prediction;

namespace EfficientNetSharp.Recognition;

/// <summary>An image file that is about to be embedded.</summary>
/// <param name="Path">What to call it.</param>
/// <param name="Bytes">Its bytes.</param>
public sealed record ImageBytes(string Path, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>SHA-256 of the bytes in lower-case hexadecimal.</summary>
    public string ContentHash { get; } = Convert.ToHexStringLower(SHA256.HashData(Bytes.Span));
}

/// <summary>An image's embedding, and what can be told of the image itself.</summary>
/// <param name="Image">The image.</param>
/// <param name="Size">Its size in pixels.</param>
/// <param name="Contrast">Standard deviation of the grey values of what the network sees, 0 to 255; 0 where all is of one colour.</param>
/// <param name="Embedding">The embedding, of length 1; empty where there is an error.</param>
/// <param name="Error">What is wrong with the image; <see langword="null"/> where nothing is.</param>
public sealed record EmbeddedImage(ImageBytes Image, ImageSize Size, double Contrast, ReadOnlyMemory<float> Embedding, string? Error);

/// <summary>A network that makes a gallery's embeddings of images, with the fingerprint by which the gallery knows it.</summary>
/// <remarks>Safe for use by many threads at once. Do not dispose while a call is under way.</remarks>
public sealed class GalleryNetwork : IDisposable
{
    private readonly ImageNetwork _network;
    private readonly int _imageLength;

    private GalleryNetwork(ImageNetwork network)
    {
        _network = network;
        _imageLength = checked((int)network.Runner.InputShape.Count);
        Fingerprint = EmbeddingFingerprint.Of(network);
    }

    /// <summary>What has to be equal for embeddings to be comparable.</summary>
    public EmbeddingFingerprint Fingerprint { get; }

    /// <summary>What the file says of the model.</summary>
    public ModelCard Card => _network.Card;

    /// <summary>What it computes in, by which its card's thresholds are known (<see cref="MatchThresholds.Precision"/>).</summary>
    public string Precision => _network.Source is { } model ? MatchThresholds.PrecisionOf(model.Graph) : MatchThresholds.SinglePrecision;

    /// <summary>Opens a model: a network with an embedding for its result, a classifier for the row that its last layer takes.</summary>
    /// <param name="opener">What opens it.</param>
    /// <param name="path">The file.</param>
    /// <param name="options">With which backend and how; <see cref="OpenOptions.Features"/> is left aside.</param>
    /// <exception cref="InvalidInputException">The file cannot be used, or its embedding is not known; the message says why.</exception>
    public static GalleryNetwork Open(ModelOpener opener, string path, OpenOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(opener);
        var network = opener.OpenForImages(path, (options ?? new OpenOptions()) with { Features = FeatureSelection.Pooled });
        try
        {
            return new GalleryNetwork(network);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>Opens a model for a gallery, with the image size and preprocessing that the gallery is made for.</summary>
    /// <param name="opener">What opens it.</param>
    /// <param name="path">The file.</param>
    /// <param name="store">The gallery.</param>
    /// <param name="options">With which backend; sizes and preprocessing are the gallery's.</param>
    /// <exception cref="InvalidInputException">As <see cref="Open"/>, or it is another model than the gallery's.</exception>
    public static GalleryNetwork OpenFor(ModelOpener opener, string path, IGalleryStore store, OpenOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        var wanted = store.Description.Fingerprint.Preprocessing;
        var network = Open(opener, path, (options ?? new OpenOptions()) with
        {
            Size = new Graphs.InputSize(wanted.Height, wanted.Width), Preprocessing = wanted, AdjustPreprocessing = null,
        });
        try
        {
            store.Description.EnsureFits(network.Fingerprint, store.Name, path);
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>Embeds images as one batch. One that cannot be used gets an error and does not disturb the others.</summary>
    /// <param name="images">The images.</param>
    /// <param name="cancellationToken">Gives up before the network runs.</param>
    /// <returns>A result for each.</returns>
    public ImmutableArray<EmbeddedImage> Embed(IReadOnlyList<ImageBytes> images, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.Count == 0) return [];
        float[] input = new float[checked(images.Count * _imageLength)];
        var results = new EmbeddedImage[images.Count];
        Parallel.For(0, images.Count, new ParallelOptions { CancellationToken = cancellationToken }, i =>
            results[i] = Prepare(images[i], input.AsSpan(i * _imageLength, _imageLength)));

        // The network sees the good ones alone, moved together.
        int[] good = [.. Enumerable.Range(0, images.Count).Where(i => results[i].Error is null)];
        for (int i = 0; i < good.Length; i++)
        {
            if (good[i] != i) input.AsSpan(good[i] * _imageLength, _imageLength).CopyTo(input.AsSpan(i * _imageLength));
        }

        cancellationToken.ThrowIfCancellationRequested();
        int length = Fingerprint.Length;
        float[] rows = new float[good.Length * length];
        if (good.Length > 0) _network.Runner.Run(input.AsSpan(0, good.Length * _imageLength), good.Length, rows);
        for (int i = 0; i < good.Length; i++)
        {
            ref var result = ref results[good[i]];
            try
            {
                result = result with { Embedding = UnitVector.Of(rows.AsSpan(i * length, length), length,
                    $"the embedding of '{result.Image.Path}'") };
            }
            catch (InvalidInputException e)
            {
                result = result with { Error = e.Message };
            }
        }

        return [.. results];
    }

    /// <summary>Disposes the network.</summary>
    public void Dispose() => _network.Dispose();

    private EmbeddedImage Prepare(ImageBytes image, Span<float> input)
    {
        try
        {
            _network.Transform.Apply(image.Bytes.Span, image.Path, input);
            return new EmbeddedImage(image, ImageDecoder.ReadSize(image.Bytes.Span, image.Path), ContrastOf(input), default, null);
        }
        catch (InvalidInputException e)
        {
            return new EmbeddedImage(image, default, 0, default, e.Message);
        }
    }

    // Of the mean of the channels, with the normalisation taken back.
    private double ContrastOf(ReadOnlySpan<float> input)
    {
        var preprocessing = Card.Preprocessing;
        int channels = preprocessing.Mean.Length, pixels = input.Length / channels;
        double sum = 0, squares = 0;
        for (int i = 0; i < pixels; i++)
        {
            double grey = 0;
            for (int c = 0; c < channels; c++)
                grey += (input[(c * pixels) + i] * preprocessing.StandardDeviation[c]) + preprocessing.Mean[c];
            grey *= byte.MaxValue / (double)channels;
            sum += grey;
            squares += grey * grey;
        }

        double mean = sum / pixels;
        return Math.Sqrt(Math.Max(0, (squares / pixels) - (mean * mean)));
    }
}
