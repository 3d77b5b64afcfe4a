using EfficientNetSharp.Recognition.Extensions;
using Microsoft.Extensions.AI;

namespace EfficientNetSharp.Recognition.Tests.Extensions;

public sealed class ImageEmbeddingGeneratorTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("effnet-ai-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Its_embeddings_are_the_networks_in_their_order_and_a_broken_image_is_named()
    {
        string model = SmallModel.Save(_root);
        using var network = GalleryNetwork.Open(SmallModel.Opener, model);
        using IEmbeddingGenerator<DataContent, Embedding<float>> generator = new ImageEmbeddingGenerator(GalleryNetwork.Open(
            SmallModel.Opener, model), "small");
        byte[][] images = [.. Enumerable.Range(0, 20).Select(i => SmallModel.Image(i % 3, i))];
        var embeddings = await generator.GenerateAsync(
            images.Select(image => new DataContent(image, "image/png")), cancellationToken: TestContext.Current.CancellationToken);
        var expected = network.Embed([.. images.Select((image, i) => new ImageBytes($"{i}", image))],
            TestContext.Current.CancellationToken);
        Assert.Equal(images.Length, embeddings.Count);
        for (int i = 0; i < images.Length; i++)
            Assert.InRange(TestGalleries.Cosine(embeddings[i].Vector.Span, expected[i].Embedding.Span), 1 - 1e-6, 1 + 1e-6);

        Assert.Equal(network.Fingerprint.Length, generator.GetService<EmbeddingGeneratorMetadata>()!.DefaultModelDimensions);
        var e = await Assert.ThrowsAsync<InvalidInputException>(() => generator.GenerateAsync(
            [new DataContent(images[0], "image/png"), new DataContent("no image"u8.ToArray(), "image/png") { Name = "broken.png" }],
            cancellationToken: TestContext.Current.CancellationToken));
        Assert.Contains("broken.png", e.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<InvalidInputException>(() => generator.GenerateAsync(
            [], new EmbeddingGenerationOptions { Dimensions = 7 }, TestContext.Current.CancellationToken));
    }
}
