using EfficientNetSharp.Recognition.Embedded;
using EfficientNetSharp.Recognition.Enrolment;

namespace EfficientNetSharp.Recognition.Tests.Enrolment;

public sealed class EnrollerTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("effnet-enroll-").FullName;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    /// <summary>
    /// The store goes away within an enrolment: a line, results of what was stored before, and the same again enrolls the rest once.
    /// </summary>
    [Fact]
    public async Task An_enrolment_whose_store_goes_away_goes_on_when_it_is_back()
    {
        const int Images = 12, Batch = 3;
        string model = SmallModel.Save(_root), folder = Path.Combine(_root, "gallery"), away = Path.Combine(_root, "away");
        EnrolmentImage[] images = [.. Enumerable.Range(0, Images).Select(i => new EnrolmentImage(Write(i), $"identity {i / 2}"))];
        using var network = GalleryNetwork.Open(SmallModel.Opener, model);
        var options = new EnrolmentOptions { Review = ReviewMode.Off, BatchSize = Batch };
        var results = new List<EnrolmentResult>();
        await using (var gallery = EmbeddedGallery.Create(folder, new GalleryDescription { Fingerprint = network.Fingerprint,
            Model = model }))
        {
            var e = await Assert.ThrowsAsync<GalleryUnavailableException>(async () =>
            {
                await foreach (var result in new Enroller(gallery, network, options).EnrollAsync(images, Cancelled))
                {
                    results.Add(result);
                    if (results.Count == 2 * Batch) Directory.Move(folder, away);
                }
            });
            Assert.DoesNotContain('\n', e.Message);
        }

        Assert.Equal(2 * Batch, results.Count);
        Directory.Move(away, folder);
        await using var again = EmbeddedGallery.Open(folder);
        Assert.Equal(2 * Batch, (await again.CountAsync(Cancelled)).Samples);
        var rest = await TestGalleries.All(new Enroller(again, network, options).EnrollAsync(images, Cancelled));
        Assert.Equal(2 * Batch, rest.Count(result => result.Outcome == EnrolmentOutcome.AlreadyEnrolled));
        Assert.Equal(Images - (2 * Batch), rest.Count(result => result.Outcome == EnrolmentOutcome.Enrolled));
        Assert.Equal(new GallerySize(Images / 2, Images), await again.CountAsync(Cancelled));

        // Each is found by itself.
        var identification = new Identification(again, network) { Threshold = 0.999 };
        var found = await TestGalleries.All(identification.RunAsync(images.Select(image => image.Path), 5, Cancelled));
        Assert.Equal(images.Select(image => (image.Identity, true)),
            found.Select(result => (result.Matches[0].Identity, result.IsKnown == true)));
    }

    [Fact]
    public async Task A_network_that_is_not_the_gallerys_is_refused()
    {
        string model = SmallModel.Save(_root);
        using var network = GalleryNetwork.Open(SmallModel.Opener, model);
        await using var gallery = EmbeddedGallery.Create(Path.Combine(_root, "gallery"),
            TestGalleries.Description(network.Fingerprint.Length));
        Assert.Throws<InvalidInputException>(() => new Enroller(gallery, network));
        Assert.Throws<InvalidInputException>(() => new Identification(gallery, network));
        Assert.Throws<InvalidInputException>(() => GalleryNetwork.OpenFor(SmallModel.Opener, model, gallery));
    }

    private string Write(int number)
    {
        string path = Path.Combine(_root, $"{number}.png");
        File.WriteAllBytes(path, SmallModel.Image(number / 2, number));
        return path;
    }
}
