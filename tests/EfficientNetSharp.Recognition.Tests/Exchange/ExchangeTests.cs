using EfficientNetSharp.Recognition.Embedded;
using EfficientNetSharp.Recognition.Exchange;
using EfficientNetSharp.Recognition.Writer;

namespace EfficientNetSharp.Recognition.Tests.Exchange;

public sealed class ExchangeTests : IDisposable
{
    private const int Length = 16;

    private readonly string _root = Directory.CreateTempSubdirectory("effnet-export-").FullName;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task An_export_is_read_back_as_it_was_and_once()
    {
        string file = Path.Combine(_root, "a.jsonl");
        await using var gallery = await Make("a");
        await GalleryExport.WriteAsync(gallery, file, cancellationToken: Cancelled);
        await using var other = EmbeddedGallery.Create(Path.Combine(_root, "b"), GalleryExport.ReadDescription(file));
        Assert.Equal(gallery.Description, other.Description);
        var all = await TestGalleries.All(gallery.ReadAsync(null, Cancelled));
        Assert.Equal((all.Count, all.Count), await GalleryImport.RunAsync(other, file, cancellationToken: Cancelled));
        Assert.Equal((all.Count, 0), await GalleryImport.RunAsync(other, file, cancellationToken: Cancelled));
        var there = await TestGalleries.All(other.ReadAsync(null, Cancelled));
        Assert.Equal(all.Select(Facts), there.Select(Facts));
        foreach (var (a, b) in all.Zip(there)) Assert.InRange(TestGalleries.Cosine(a.Embedding.Span, b.Embedding.Span), 1 - 1e-6, 1 + 1e-6);

        static (string, string, string, DateTimeOffset) Facts(GallerySample sample) =>
            (sample.Identity, sample.Source, sample.ContentHash, sample.Enrolled);
    }

    [Fact]
    public async Task Exports_cut_short_or_changed_are_refused_by_their_line_and_of_another_network_whole()
    {
        string file = Path.Combine(_root, "a.jsonl");
        await using (var gallery = await Make("a")) await GalleryExport.WriteAsync(gallery, file, cancellationToken: Cancelled);
        byte[] bytes = File.ReadAllBytes(file);
        string[] lines = File.ReadAllLines(file);
        string[] wrong =
        [
            lines[1].Replace("\"embedding\":[", "\"embedding\":[\"x\",", StringComparison.Ordinal),
                lines[1].Replace("\"identity\"", "\"name\"", StringComparison.Ordinal),
            lines[1].Replace("\"embedding\":[", "\"embedding\":[1,", StringComparison.Ordinal), "[]", "null", "{}", "x",
                lines[1].Replace("2026", "20x6", StringComparison.Ordinal),
            lines[1].Replace("\"embedding\":[", "\"embedding\":[1e99,", StringComparison.Ordinal),
        ];
        for (int i = 0; i < wrong.Length; i++)
        {
            await using var gallery = EmbeddedGallery.Create(Path.Combine(_root, $"wrong-{i}"), TestGalleries.Description(Length));
            File.WriteAllLines(file, [lines[0], lines[1], wrong[i]]);
            var e = await Assert.ThrowsAsync<InvalidInputException>(() =>
                GalleryImport.RunAsync(gallery, file, cancellationToken: Cancelled));
            Assert.Contains("line 3", e.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', e.Message);
        }

        await using var target = EmbeddedGallery.Create(Path.Combine(_root, "target"), TestGalleries.Description(Length));
        for (int length = 0; length < bytes.Length; length += 97)
        {
            File.WriteAllBytes(file, bytes[..length]);
            try
            {
                await GalleryImport.RunAsync(target, file, cancellationToken: Cancelled);
            }
            catch (InvalidInputException e)
            {
                Assert.DoesNotContain('\n', e.Message);
            }
        }

        File.WriteAllBytes(file, bytes);
        await using var foreign = EmbeddedGallery.Create(Path.Combine(_root, "foreign"), TestGalleries.Description(Length, digit: 'b'));
        var refused = await Assert.ThrowsAsync<InvalidInputException>(() =>
            GalleryImport.RunAsync(foreign, file, cancellationToken: Cancelled));
        Assert.Contains("other weights", refused.Message, StringComparison.Ordinal);
        Assert.Equal(0, (await foreign.CountAsync(Cancelled)).Samples);
    }

    private async Task<EmbeddedGallery> Make(string name)
    {
        var gallery = EmbeddedGallery.Create(Path.Combine(_root, name), TestGalleries.Description(Length));
        for (int step = 0; step < 4; step++)
        {
            await gallery.AddAsync([.. PlannedWork.Added(0, step, Length).Select((sample, i) => sample with
            {
                Identity = i % 2 == 0 ? $"é \"{step}\" 名" : sample.Identity,
                    Enrolled = new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero),
                ContentHash = i == 1 ? "" : Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData([(byte)step, (byte)i])),
            })], Cancelled);
        }

        return gallery;
    }
}
