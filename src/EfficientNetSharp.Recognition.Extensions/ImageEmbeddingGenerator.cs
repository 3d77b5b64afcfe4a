using Microsoft.Extensions.AI;

namespace EfficientNetSharp.Recognition.Extensions;

/// <summary>
/// A network as an <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/> of images, for programs that are written against
/// Microsoft.Extensions.AI: the bytes of image files in, embeddings of length 1 out, as a gallery takes them.
/// </summary>
/// <remarks>Safe for use by many threads at once.</remarks>
public sealed class ImageEmbeddingGenerator : IEmbeddingGenerator<DataContent, Embedding<float>>
{
    // Images that the network sees at once.
    private const int BatchSize = 16;

    private readonly GalleryNetwork _network;
    private readonly EmbeddingGeneratorMetadata _metadata;

    /// <summary>Wraps a network, which is disposed with this.</summary>
    /// <param name="network">The network.</param>
    /// <param name="model">What to call it.</param>
    public ImageEmbeddingGenerator(GalleryNetwork network, string model)
    {
        ArgumentNullException.ThrowIfNull(network);
        _network = network;
        _metadata = new EmbeddingGeneratorMetadata("EfficientNetSharp", null, model, network.Fingerprint.Length);
    }

    /// <summary>Disposes the network.</summary>
    public void Dispose() => _network.Dispose();

    /// <summary>Refuses a gallery of another network's embeddings.</summary>
    internal void EnsureFits(IGalleryStore store) =>
        store.Description.EnsureFits(_network.Fingerprint, store.Name, _metadata.DefaultModelId ?? "given");

    Task<GeneratedEmbeddings<Embedding<float>>> IEmbeddingGenerator<DataContent, Embedding<float>>.GenerateAsync(
        IEnumerable<DataContent> values, EmbeddingGenerationOptions? options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(values);
        int length = _network.Fingerprint.Length;
        if (options?.Dimensions is { } wanted && wanted != length)
            throw new InvalidInputException(
                $"Embeddings of {wanted} values are asked for, the network yields {length}; leave the number out.");
        return Task.Run(() =>
        {
            var embeddings = new GeneratedEmbeddings<Embedding<float>>();
            foreach (var batch in values.Chunk(BatchSize))
            {
                ImageBytes[] images = [.. batch.Select((content, i) =>
                    new ImageBytes(content.Name ?? $"image {embeddings.Count + i + 1}", content.Data))];
                foreach (var image in _network.Embed(images, cancellationToken))
                {
                    if (image.Error is { } error) throw new InvalidInputException(error);
                    embeddings.Add(new Embedding<float>(image.Embedding) { ModelId = _metadata.DefaultModelId });
                }
            }

            return embeddings;
        }, cancellationToken);
    }

    object? IEmbeddingGenerator.GetService(Type serviceType, object? serviceKey)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null) return null;
        return serviceType == typeof(EmbeddingGeneratorMetadata) ? _metadata
            : serviceType == typeof(GalleryNetwork) ? _network
            : serviceType.IsInstanceOfType(this) ? this : null;
    }
}
