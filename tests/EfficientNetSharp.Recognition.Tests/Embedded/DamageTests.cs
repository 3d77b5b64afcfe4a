using EfficientNetSharp.Randomness;
using EfficientNetSharp.Recognition.Embedded;
using EfficientNetSharp.Recognition.Writer;

namespace EfficientNetSharp.Recognition.Tests.Embedded;

/// <summary>A gallery's files cut short, changed, exchanged and taken away.</summary>
public sealed class DamageTests : IDisposable
{
    private const int Length = 24, Steps = 12;

    private readonly string _root = Directory.CreateTempSubdirectory("effnet-damage-").FullName;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private string Folder => Path.Combine(_root, "gallery");

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task Files_cut_short_anywhere_are_refused_in_a_line_or_are_whole_all_the_same()
    {
        await Make(Folder);
        foreach (string file in Directory.GetFiles(Folder))
        {
            byte[] bytes = File.ReadAllBytes(file);
            for (int cut = 1; cut <= 24; cut++)
            {
                File.WriteAllBytes(file, bytes[..(int)((long)bytes.Length * (24 - cut) / 24)]);
                await EnsureRefusedOrRight(Folder);
            }

            File.WriteAllBytes(file, bytes);
        }

        await EnsureRight(Folder);
    }

    /// <summary>A changed byte may make a row lose a search, which nothing can see; it never gives a wrong name or score.</summary>
    [Fact]
    public async Task Changed_bytes_never_give_wrong_names()
    {
        await Make(Folder);
        int refused = 0;
        for (ulong seed = 0; seed < 200; seed++)
        {
            string copy = Copy(Folder, $"copy-{seed}");
            var random = new SeededRandom(seed);
            string[] files = Directory.GetFiles(copy);
            string file = files[random.NextInt(files.Length)];
            byte[] bytes = File.ReadAllBytes(file);
            // Where there is something: the rows' part of a small file of vectors is mostly empty.
            int changes = 1 + random.NextInt(20), used = Math.Min(bytes.Length, BlockLayout.HeaderBytes + 4096 + (40 * 128));
            for (int i = 0; i < changes; i++) bytes[random.NextInt(used)] = (byte)random.NextInt(256);
            File.WriteAllBytes(file, bytes);
            if (!await EnsureRefusedOrRight(copy)) refused++;
            Directory.Delete(copy, recursive: true);
        }

        Assert.True(refused > 50, $"only {refused} of the changes were seen");
    }

    [Fact]
    public async Task Vectors_of_another_gallery_or_another_moment_are_refused()
    {
        string other = Path.Combine(_root, "other");
        await Make(Folder);
        await Make(other);
        File.Copy(Path.Combine(other, "vectors-1.bin"), Path.Combine(Folder, "vectors-1.bin"), overwrite: true);
        Assert.False(await EnsureRefusedOrRight(Folder));
        Assert.Contains("another gallery", Assert.Throws<InvalidInputException>(() => EmbeddedGallery.Open(Folder)).Message,
            StringComparison.Ordinal);
        File.Delete(Path.Combine(Folder, "vectors-1.bin"));
        Assert.Contains("missing", Assert.Throws<InvalidInputException>(() => EmbeddedGallery.Open(Folder)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gallery_that_goes_away_while_it_is_open_takes_nothing_more_and_loses_nothing()
    {
        await Make(Folder);
        await using var gallery = EmbeddedGallery.Open(Folder);
        string away = Path.Combine(_root, "away");
        Directory.Move(Folder, away);
        var sample = PlannedWork.Added(9, 1, Length)[0];
        await Assert.ThrowsAsync<GalleryUnavailableException>(() => gallery.AddAsync([sample], Cancelled));
        await Assert.ThrowsAsync<GalleryUnavailableException>(() => gallery.SearchAsync([sample.Embedding], 1, Cancelled));
        // Another takes its place.
        await Make(Folder, steps: 2);
        await Assert.ThrowsAsync<GalleryUnavailableException>(() => gallery.AddAsync([sample], Cancelled));
        await EnsureRight(away);
        Directory.Delete(Folder, recursive: true);
        Directory.Move(away, Folder);
        await using (var again = EmbeddedGallery.Open(Folder)) await again.AddAsync([sample], Cancelled);
    }

    [Fact]
    public async Task What_is_no_gallery_is_refused_and_what_is_there_is_kept()
    {
        string file = Path.Combine(_root, "a file"), full = Path.Combine(_root, "full");
        File.WriteAllText(file, "kept");
        Directory.CreateDirectory(full);
        File.WriteAllText(Path.Combine(full, "notes.txt"), "kept");
        foreach (string path in new[] { file, full, Path.Combine(_root, "nothing"), "", " " })
            EnsureLine(Assert.Throws<InvalidInputException>(() => EmbeddedGallery.Open(path)));
        foreach (string path in new[] { file, full, Path.Combine(file, "x"), "" })
            EnsureLine(Assert.Throws<InvalidInputException>(() => EmbeddedGallery.Create(path, TestGalleries.Description(4))));
        Assert.Equal("kept", File.ReadAllText(file));
        Assert.Equal(["notes.txt"], Directory.GetFileSystemEntries(full).Select(Path.GetFileName));
        await Make(Folder);
        EnsureLine(Assert.Throws<InvalidInputException>(() => EmbeddedGallery.Create(Folder, TestGalleries.Description(4))));
        await EnsureRight(Folder);
        // A folder that is there and empty is as good as none.
        Directory.CreateDirectory(Path.Combine(_root, "empty"));
        await Make(Path.Combine(_root, "empty"));
        Assert.Equal(["a file", "empty", "full", "gallery"],
            Directory.GetFileSystemEntries(_root).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task What_is_removed_is_in_no_file_any_more()
    {
        await using (var gallery = EmbeddedGallery.Create(Folder, TestGalleries.Description(Length)))
        {
            await gallery.AddAsync(PlannedWork.Added(0, 3, Length), Cancelled);
            await gallery.AddAsync([.. PlannedWork.Added(0, 2, Length).Select(sample => sample with { Identity = "a secret name" })],
                Cancelled);
            byte[] values = ValuesOf(await TestGalleries.All(gallery.ReadAsync("a secret name", Cancelled)));
            Assert.True(IsInFiles(values) && IsInFiles("a secret name"u8));
            await gallery.RemoveAsync("a secret name", Cancelled);
            Assert.False(IsInFiles(values));
            Assert.False(IsInFiles("a secret name"u8));
        }
    }

    [Fact]
    public async Task Compacting_keeps_what_is_there_and_shrinks_the_file()
    {
        await using var gallery = EmbeddedGallery.Create(Folder, TestGalleries.Description(Length, VectorPrecision.I8));
        for (int step = 0; step < 400; step++) await gallery.AddAsync(Many(step), Cancelled);
        long before = new FileInfo(Path.Combine(Folder, "vectors-1.bin")).Length;
        var kept = await TestGalleries.All(gallery.ReadAsync("300", Cancelled));
        for (int step = 0; step < 400; step++)
        {
            if (step != 300) await gallery.RemoveAsync($"{step}", Cancelled);
        }

        string file = Assert.Single(Directory.GetFiles(Folder, "vectors-*.bin"));
        Assert.True(new FileInfo(file).Length < before);
        var after = await TestGalleries.All(gallery.ReadAsync(null, Cancelled));
        Assert.Equal(kept.Select(sample => (sample.Id, sample.Identity)), after.Select(sample => (sample.Id, sample.Identity)));
        Assert.Equal(kept.SelectMany(sample => sample.Embedding.ToArray()), after.SelectMany(sample => sample.Embedding.ToArray()));

        static GallerySample[] Many(int step) =>
            [.. Enumerable.Range(0, 8).Select(i => new GallerySample { Identity = $"{step}", Embedding = TestGalleries.Vector(Length, (
                ulong)step, (ulong)i) })];
    }

    private static async Task Make(string folder, int steps = Steps)
    {
        await using var gallery = EmbeddedGallery.Create(folder, TestGalleries.Description(Length));
        for (int step = 0; step < steps; step++)
        {
            if (PlannedWork.IsRemoval(step)) await gallery.RemoveAsync(PlannedWork.Removed(0, step), Cancelled);
            else await gallery.AddAsync(PlannedWork.Added(0, step, Length), Cancelled);
        }
    }

    // True where all is answered, and then rightly.
    private static async Task<bool> EnsureRefusedOrRight(string folder)
    {
        try
        {
            await EnsureRight(folder, isWhole: false);
            return true;
        }
        catch (Exception e) when (e is InvalidInputException or GalleryUnavailableException)
        {
            EnsureLine(e);
            return false;
        }
    }

    private static async Task EnsureRight(string folder, bool isWhole = true)
    {
        await using var gallery = EmbeddedGallery.Open(folder);
        var samples = await TestGalleries.All(gallery.ReadAsync(null, Cancelled));
        if (isWhole) Assert.Equal(PlannedWork.After(0, Steps).Values.Sum(), samples.Count);
        for (ulong seed = 0; seed < 3; seed++)
        {
            var query = TestGalleries.Vector(Length, seed);
            foreach (var match in (await gallery.SearchAsync([query], 4, Cancelled))[0])
            {
                var sample = samples.Single(sample => sample.Id == match.SampleId);
                Assert.Equal(sample.Identity, match.Identity);
                Assert.InRange(match.Score, TestGalleries.Cosine(sample.Embedding.Span, query) - 1e-5,
                    TestGalleries.Cosine(sample.Embedding.Span, query) + 1e-5);
            }
        }

        await TestGalleries.All(gallery.ListAsync(Cancelled));
    }

    private static void EnsureLine(Exception e)
    {
        Assert.DoesNotContain('\n', e.Message);
        Assert.EndsWith(".", e.Message, StringComparison.Ordinal);
    }

    private static byte[] ValuesOf(IEnumerable<GallerySample> samples) =>
        System.Runtime.InteropServices.MemoryMarshal.AsBytes(samples.First().Embedding.Span).ToArray();

    private bool IsInFiles(ReadOnlySpan<byte> bytes)
    {
        foreach (string file in Directory.GetFiles(Folder))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var memory = new MemoryStream();
            stream.CopyTo(memory);
            if (memory.ToArray().AsSpan().IndexOf(bytes) >= 0) return true;
        }

        return false;
    }

    private string Copy(string folder, string name)
    {
        string copy = Directory.CreateDirectory(Path.Combine(_root, name)).FullName;
        foreach (string file in Directory.GetFiles(folder)) File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        return copy;
    }
}
